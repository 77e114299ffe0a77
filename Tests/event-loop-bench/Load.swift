import BenchmarkCounts
import EventLoop
import Glibc

/// The clients of an echo server: the program `bareecho`, which stands beside this one.
enum Load {
  /// Starts an echo server in this process and lets the clients send so many messages; what these have cost.
  static func measure(on kind: Kind, connections: Int, messages: Int) throws -> EchoServer.Result {
    var template = Array("/tmp/eventloopbench-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { stop("no directory for a socket can be made in /tmp") }
    let directory = String(cString: made)
    defer { rmdir(directory) }
    return try EventLoop.run {
      let loop = EventLoop.current!
      let address = kind == .tcp ? SocketAddress.loopback() : .unix(path: "\(directory)/socket")
      return try await EchoServer.run(loop, on: address) { address in
        loop.startTask(name: "load") {
          // Nobody else would end: the server waits for clients.
          do { try await drive(loop, address, connections, messages) } catch is CancellationError {
            // The server has seen its last client go.
          } catch { stop("the clients: \(error)") }
        }
      }
    }
  }

  enum Kind: String, CaseIterable {
    case unix, tcp
  }

  private static func drive(
    _ loop: EventLoop, _ address: SocketAddress, _ connections: Int, _ messages: Int
  ) async throws {
    let place = address.port.map { "\($0)" } ?? "\(address)"
    var command = Command(program, ["drive", place, "\(connections)", "\(messages)"])
    command.standardInput = .null
    command.standardOutput = .null
    let (_, status) = try await loop.spawn(command, LeftAlone())
    if !status.isSuccess { stop("bareecho: \(status)") }
  }

  private static var program: String {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let count = buffer.withUnsafeMutableBytes { readlink("/proc/self/exe", $0.baseAddress!, $0.count) }
    let path = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    return path.lastIndex(of: "/").map { "\(path[..<$0])/bareecho" } ?? "bareecho"
  }
}
