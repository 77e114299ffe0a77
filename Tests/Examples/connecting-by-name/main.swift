import EventLoop
import Glibc
import Names

/// Greets whoever connects.
struct Greeter: ServerProtocol {
  func serve(_ connection: Connection) async throws { try await connection.write("hello\n") }
}

/// Tells what a name stands for.
func tell(_ name: String, asking resolver: Resolver) async {
  switch await resolver.resolve(name) {
  case .addresses(let addresses, _): print("\(name): \(addresses)")
  case .failure(let kind, let message): print("\(name): \(kind): \(message)")
  }
}

// A hosts file is asked before the name servers. Nobody listens on the first address of the greeter.
var template = Array("/tmp/hosts-XXXXXX".utf8CString)
let hosts = mkstemp(&template)
let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
let lines = "127.0.0.77 greeter.example\n127.0.0.1 greeter.example\n"
guard write(hosts, lines, lines.utf8.count) == lines.utf8.count else { fatalError("no hosts file") }
defer { unlink(path) }

// A name server that never answers: a socket that nobody reads.
let silent = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
withUnsafeMutableBytes(of: &address) { bytes in
  let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
  var length = socklen_t(bytes.count)
  guard bind(silent, pointer, length) == 0, getsockname(silent, pointer, &length) == 0 else { fatalError("no port") }
}
let server = "127.0.0.1:\(UInt16(bigEndian: address.sin_port))"

try EventLoop.run {
  guard let loop = EventLoop.current else { return }
  var configuration = ResolverConfiguration()
  configuration.servers = server
  configuration.deadline = .milliseconds(200)
  let resolver = try Resolver(loop: loop, hostsFile: path, configuration: configuration)

  await tell("Greeter.example.", asking: resolver)
  await tell("[::1]", asking: resolver)
  // Ten callers, one look-up.
  await withDiscardingTaskGroup { group in
    for _ in 1...10 { group.addTask { _ = await resolver.resolve("nobody.example") } }
  }
  let statistics = await resolver.statistics
  print("\(statistics.sent) look-up, \(statistics.shared) callers shared it")
  await tell("nobody.example", asking: resolver)

  // The first address that answers is connected to.
  let listener = try await loop.listen(on: .loopback(), Greeter())
  guard let port = listener.address.port else { fatalError("a listener on the network has a port") }
  let connection = try await resolver.connect(to: "greeter.example", port: port)
  if let line = try await connection.readLine(limit: 80) { print("greeter: \(String(decoding: line, as: UTF8.self))") }
  connection.close()
  await listener.closeAll()

  do {
    _ = try await resolver.connect(to: "greeter.example", port: port)
  } catch ConnectionError.unreachable(let attempts) {
    for attempt in attempts { print("greeter, again: \(attempt.error)") }
  }
  do {
    _ = try await resolver.connect(to: "nobody.example", port: 80)
  } catch let error as ConnectionError {
    print("nobody: \(error)")
  }
  await resolver.close()
}
