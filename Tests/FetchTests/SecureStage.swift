import EventLoop
import Fetch
import Glibc
import TestWeb

extension Stage {
  /// A stage with nginx in front of its server, which speaks TLS. `secureRequest` goes there.
  static func runSecure(
    _ manner: TLSServer.Manner = .init(), configuration: FetchConfiguration = FetchConfiguration(),
    answer: @escaping Answer,
    _ body: @escaping @Sendable (Stage) async throws -> Void
  ) throws {
    var template = Array("/tmp/fetch-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TemporaryFile.Failure(code: errno) }
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var configuration = configuration
    configuration.certificateAuthorities = "\(directory)/authority.crt"
    try run(configuration: configuration, hosts: "127.0.0.2 \(secureHost)\n", answer: answer) { stage in
      let certificates = try await Certificates.make(in: directory, on: stage.loop)
      let door = TLSServer.Door(
        address: "127.0.0.2:\(stage.port)", manner: manner, server: "127.0.0.1:\(stage.port)")
      try await TLSServer(certificates: certificates, doors: [door]).run(on: stage.loop) { try await body(stage) }
      _ = try await stage.loop.spawn(Command("/bin/rm", ["-r", directory]), Nothing())
    }
  }

  private static let secureHost = "one.fault.test"

  func secureRequest(_ path: String) -> FetchRequest { request(path, host: Stage.secureHost, scheme: "https") }

  /// Something has come for the fetcher, over any of its connections, that it has not read.
  var hasUnread: Bool { has(Int16(POLLIN)) }

  /// The server has closed one of the fetcher's connections (POLLRDHUP).
  var isClosedByServer: Bool { has(0x2000) }

  private func has(_ event: Int16) -> Bool {
    (Int32(0)..<4_096).contains { descriptor in
      var peer = sockaddr_in()
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isKnown = withUnsafeMutableBytes(of: &peer) {
        getpeername(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length) == 0
      }
      guard isKnown, peer.sin_family == sa_family_t(AF_INET), peer.sin_port == port.bigEndian else { return false }
      var watched = pollfd(fd: descriptor, events: event, revents: 0)
      return poll(&watched, 1, 0) > 0
    }
  }
}

/// `openssl s_server` with a certificate for every name, which wants one of its clients.
struct DemandingServer: Sendable {
  /// TLSv1.2 or TLSv1.3.
  let version: String

  /// Runs `body` with its port on 127.0.0.1, and ends it.
  func run(on loop: EventLoop, _ body: @escaping @Sendable (UInt16) async throws -> Void) async throws {
    let option = version == "TLSv1.2" ? "-tls1_2" : "-tls1_3"
    var template = Array("/tmp/fetch-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TemporaryFile.Failure(code: errno) }
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let script = """
      cd "$0" &&
      openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out crt -subj /CN=any -days 2 2>log &&
      exec openssl s_server -accept 127.0.0.1:0 -cert crt -key key -CAfile crt -Verify 1 -verify_return_error \
        -www \(option) 2>log
      """
    var command = Command("/bin/sh", ["-c", script, directory])
    command.standardInput = .null
    _ = try await loop.spawn(command, Listening(body: body))
    _ = try await loop.spawn(Command("/bin/rm", ["-r", directory]), Nothing())
  }

  private struct Listening: ProcessProtocol {
    let body: @Sendable (UInt16) async throws -> Void

    func run(_ process: ChildProcess) async throws {
      while let line = try await process.pipe.readLine(limit: 4_096) {
        let words = String(decoding: line, as: UTF8.self).split { $0 == ":" || $0 == " " || $0 == "\n" }
        guard words.first == "ACCEPT", let port = words.last.flatMap({ UInt16($0) }) else { continue }
        try await body(port)
        break
      }
      try process.send(signal: SIGTERM)
    }
  }
}

/// Waits for a program's end and does nothing else.
private struct Nothing: ProcessProtocol {
  func run(_ process: ChildProcess) async throws {}
}
