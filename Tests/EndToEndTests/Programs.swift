import EventLoop
import Glibc

/// Where the programs under test are: beside the test bundle that runs.
enum Programs {
  static let directory: String = {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let count = buffer.withUnsafeMutableBytes { readlink("/proc/self/exe", $0.baseAddress!, $0.count) }
    let path = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }()

  static var crawld: String { "\(directory)/crawld" }
  static var crawlctl: String { "\(directory)/crawlctl" }
}

/// A program that has ended: its exit code (128 + the number of the signal that ended it) and what it said.
struct Ended: Sendable, CustomStringConvertible {
  var code: Int32
  var output: String
  var errors: String

  var description: String { "exit \(code)\n\(output)\(errors)" }
}

extension EventLoop {
  /// Runs a program to its end, without input.
  /// - Parameter ownsGroup: what it has started ends with it.
  func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], ownsGroup: Bool = false
  ) async throws -> Ended {
    var command = Command(program, arguments)
    command.ownsGroup = ownsGroup
    command.environment = environment
    command.standardInput = .null
    command.standardError = .pipe
    let (said, status) = try await spawn(command, Listening())
    switch status {
    case .exited(let code): return Ended(code: code, output: said.output, errors: said.errors)
    case .signalled(let number, _): return Ended(code: 128 + number, output: said.output, errors: said.errors)
    }
  }
}

/// Takes all that a child says on both streams.
private struct Listening: ProcessProtocol {
  func run(_ process: ChildProcess) async throws -> (output: String, errors: String) {
    async let output = all(process.pipe)
    async let errors = all(process.standardError)
    return (try await output, try await errors)
  }

  private func all(_ connection: Connection?) async throws -> String {
    guard let connection else { return "" }
    var bytes: [UInt8] = []
    while true {
      let more = try await connection.read(upTo: 65_536)
      if more.isEmpty { return String(decoding: bytes, as: UTF8.self) }
      bytes += more
    }
  }
}
