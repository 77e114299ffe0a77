import EventLoop
import Fetch
import TestWeb
import Testing

/// Connections that no fetch uses are closed, whether or not anything else is fetched.
@Suite(.timeLimit(.minutes(1))) struct IdleTests {
  private static func configuration(idleSeconds: Int) -> FetchConfiguration {
    var configuration = FetchConfiguration()
    configuration.shards = 1
    configuration.idleSeconds = idleSeconds
    return configuration
  }

  @Test func `a connection is closed in time though nothing is fetched any more`() throws {
    let hosts = "127.0.0.1 a.example b.example c.example\n"
    try Stage.run(configuration: Self.configuration(idleSeconds: 1), hosts: hosts) { stage in
      for _ in 0..<2 {
        for host in ["a.example", "b.example", "c.example"] {
          let response = await stage.fetcher.fetch(stage.request("/", host: host))
          #expect(response.outcome == .ok && !response.reused)
        }
        #expect(stage.statistics.openSockets == 3)
        await stage.reached { stage.statistics.openSockets == 0 }
      }
    }
  }

  @Test func `a connection is closed in time beside one that is in use`() throws {
    let released = Occurrence()
    try Stage.run(
      configuration: Self.configuration(idleSeconds: 1), hosts: "127.0.0.1 a.example b.example\n",
      answer: { request, connection in
        if request.target == "/slow" { await released.wait() }
        try await connection.write(ok("hello"))
      }
    ) { stage in
      let slow = stage.loop.startTask(name: "slow") {
        await stage.fetcher.fetch(stage.request("/slow", host: "a.example"))
      }
      #expect(await stage.fetcher.fetch(stage.request("/", host: "b.example")).outcome == .ok)
      #expect(stage.statistics.openSockets == 2)
      await stage.reached { stage.statistics.openSockets == 1 }
      released.happen()
      let response = try await slow.value
      #expect(response.outcome == .ok)
    }
  }

  @Test func `a connection of HTTP_2 is closed in time`() throws {
    // SETTINGS, their acknowledgement, and the HEADERS of status 200, the stream's end (RFC 9113 section 6; RFC 7541).
    let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0] + [0, 0, 0, 4, 1, 0, 0, 0, 0]
    let frames = settings + [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x88]
    let answer: Answer = { _, connection in
      try await connection.write(frames)
      while try await !connection.read(upTo: 65_536).isEmpty {}
    }
    try Stage.runSecure(
      .init(applicationProtocol: "h2"), configuration: Self.configuration(idleSeconds: 1), answer: answer
    ) { stage in
      let response = await stage.fetcher.fetch(stage.secureRequest("/"))
      #expect(response.outcome == .ok && response.httpVersion == "2", "\(response.error ?? "")")
      #expect(stage.statistics.openSockets == 1)
      await stage.reached { stage.statistics.openSockets == 0 }
    }
  }

  @Test(arguments: ["", "TLSv1.2", "TLSv1.3"])
  func `a connection that the server closes is closed here too`(version: String) throws {
    let answered = Occurrence()
    let answer: Answer = { _, connection in
      try await connection.write(ok("hello"))
      await answered.wait()
      connection.close()
    }
    let body: @Sendable (Stage) async throws -> Void = { stage in
      let response = await stage.fetcher.fetch(version.isEmpty ? stage.request() : stage.secureRequest("/"))
      #expect(response.outcome == .ok)
      #expect(stage.statistics.openSockets == 1)
      answered.happen()
      await stage.reached { stage.statistics.openSockets == 0 }
    }
    let configuration = Self.configuration(idleSeconds: 3_600)
    if version.isEmpty { return try Stage.run(configuration: configuration, answer: answer, body) }
    try Stage.runSecure(.init(versions: version), configuration: configuration, answer: answer, body)
  }

  @Test func `idle connections are closed at once for who lacks a descriptor`() throws {
    var configuration = Self.configuration(idleSeconds: 3_600)
    configuration.shards = 8
    let names = (0..<20).map { "h\($0).example" }
    try Stage.run(configuration: configuration, hosts: "127.0.0.1 \(names.joined(separator: " "))\n") { stage in
      for name in names {
        #expect(await stage.fetcher.fetch(stage.request("/", host: name)).outcome == .ok)
      }
      #expect(stage.statistics.openSockets == 20)
      #expect(await stage.fetcher.closeIdleConnections())
      #expect(stage.statistics.openSockets == 0)
      #expect(await !stage.fetcher.closeIdleConnections())
      #expect(await stage.fetcher.fetch(stage.request("/", host: names[0])).outcome == .ok)
    }
  }
}
