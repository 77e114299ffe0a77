import Address
import EventLoop
import Fetch
import Names
import Testing
import WebURL

/// A request as the server of a test saw it.
struct ServerRequest: Sendable {
  /// The head's lines without their line ends, as raw bytes read as ISO 8859-1.
  let lines: [String]
  /// Counts the connections from 1.
  let connection: Int

  /// The second word of the request line.
  var target: String { String(lines[0].split(separator: " ")[1]) }

  func field(_ name: String) -> String? {
    lines.dropFirst().first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
      .map { $0.dropFirst(name.count + 1).drop { $0 == " " } }.map(String.init)
  }
}

typealias Answer = @Sendable (ServerRequest, Connection) async throws -> Void

/// A loop, a raw HTTP server in the test's own process, and a fetcher that may connect to it.
final class Stage: @unchecked Sendable {
  let loop: EventLoop
  let fetcher: Fetcher
  let resolver: Resolver
  let server: ScriptedServer
  let port: UInt16

  private init(loop: EventLoop, fetcher: Fetcher, resolver: Resolver, server: ScriptedServer, port: UInt16) {
    self.loop = loop
    self.fetcher = fetcher
    self.resolver = resolver
    self.server = server
    self.port = port
  }

  static func run(
    configuration: FetchConfiguration = FetchConfiguration(), allow: [String] = ["127.0.0.0/8"],
    hosts: String? = nil, answer: @escaping Answer = { _, connection in try await connection.write(ok("hello")) },
    _ body: @escaping @Sendable (Stage) async throws -> Void
  ) throws {
    try EventLoop.run {
      let loop = EventLoop.current!
      let server = ScriptedServer(answer)
      let listener = try await loop.listen(on: .loopback(), server)
      let hostsFile = try hosts.map { try TemporaryFile(text: $0) }
      var names = ResolverConfiguration()
      // Nobody listens there: no test asks a name server but its own.
      names.servers = "127.0.0.1:1"
      names.families = .ipv4
      let resolver = try Resolver(loop: loop, hostsFile: hostsFile?.path, configuration: names)
      let fetcher = try Fetcher(
        loop: loop, resolver: resolver, guard: AddressGuard(allow: try allow.map { try Network($0) }),
        configuration: configuration)
      let stage = Stage(
        loop: loop, fetcher: fetcher, resolver: resolver, server: server, port: listener.address.port!)
      do {
        try await body(stage)
      } catch {
        Issue.record(error)
      }
      await fetcher.close()
      await resolver.close()
      await listener.closeAll()
    }
  }

  /// Waits until a condition holds, which is looked at each time before the loop sleeps.
  func reached(_ condition: @escaping () -> Bool) async {
    let occurrence = Occurrence()
    let hook = loop.beforeSleep {
      if condition() { occurrence.happen() }
    }
    await occurrence.wait()
    hook.cancel()
  }

  /// The fetcher's counters, from inside of the loop's callbacks too.
  var statistics: FetchStatistics { fetcher.assumeIsolated { $0.statistics } }

  func request(_ path: String = "/", host: String = "127.0.0.1", scheme: String = "http") -> FetchRequest {
    FetchRequest(
      url: WebURL("\(scheme)://\(host):\(port)\(path)")!, userAgent: "test/1.0",
      progress: FetchProgress(now: loop.now), gate: FetchGate())
  }

  func fetch(_ path: String = "/", _ change: (FetchRequest) -> Void = { _ in }) async -> FetchResponse {
    let request = request(path)
    change(request)
    return await fetcher.fetch(request)
  }
}

/// Serves each connection by reading request heads and calling the test's answer. Confined to the loop of its test.
final class ScriptedServer: ServerProtocol, @unchecked Sendable {
  private let answer: Answer
  /// Written as soon as a connection is there.
  var greeting: String?
  private(set) var connections = 0
  private(set) var requests: [ServerRequest] = []

  init(_ answer: @escaping Answer) {
    self.answer = answer
  }

  func serve(_ connection: Connection) async throws {
    connections += 1
    let number = connections
    if let greeting {
      try await connection.write(greeting)
      return connection.close()
    }
    while !connection.isClosed {
      var lines: [String] = []
      while let line = try await connection.readLine(limit: 65_536) {
        let text = String(String.UnicodeScalarView(line.map { Unicode.Scalar($0) }))
        guard text != "\r" else { break }
        lines.append(text.hasSuffix("\r") ? String(text.dropLast()) : text)
      }
      guard !lines.isEmpty else { return }
      let request = ServerRequest(lines: lines, connection: number)
      requests.append(request)
      try await answer(request, connection)
    }
  }
}

/// A complete response with a length.
func ok(_ body: String, status: String = "200 OK", fields: [String] = []) -> String {
  let lines = ["HTTP/1.1 \(status)"] + fields + ["Content-Length: \(body.utf8.count)", "", body]
  return lines.joined(separator: "\r\n")
}

/// The head of a response, for a body that is written apart.
func head(_ fields: [String], status: String = "200 OK") -> String {
  (["HTTP/1.1 \(status)"] + fields + ["", ""]).joined(separator: "\r\n")
}

/// Something that happens once, and may be awaited. Confined to the loop of its test.
final class Occurrence: @unchecked Sendable {
  private let (stream, continuation) = AsyncStream<Void>.makeStream()

  func happen() { continuation.finish() }

  /// One coroutine may wait.
  func wait() async {
    for await _ in stream {}
  }
}

/// What fetches ask before they send their requests (`FetchRequest.maySend`). Confined to the loop of its test.
final class SendLog: @unchecked Sendable {
  /// For each time whether it was sent before.
  private(set) var asked: [Bool] = []

  func note(_ isAgain: Bool) { asked.append(isAgain) }
}

extension FetchResponse {
  var text: String { String(decoding: body, as: UTF8.self) }
}
