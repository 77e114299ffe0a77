import EventLoop
import Fetch
import Testing

/// Sockets that run short, and shards that are replaced.
@Suite struct SocketTests {
  private static let hosts = "127.0.0.1 a.example\n127.0.0.1 b.example\n127.0.0.1 c.example\n"

  /// A fetch of a host's page as a task of its own.
  private static func start(_ stage: Stage, _ request: FetchRequest) -> Task<FetchResponse, any Error> {
    stage.loop.startTask(name: "fetch") { await stage.fetcher.fetch(request) }
  }

  @Test func `a slow host does not hold up another one behind the same address, nor another page of its own`() throws {
    var configuration = FetchConfiguration()
    configuration.shards = 1
    let arrived = Occurrence()
    let released = Occurrence()
    try Stage.run(
      configuration: configuration, hosts: SocketTests.hosts,
      answer: { request, connection in
        if request.target == "/slow" {
          arrived.happen()
          await released.wait()
        }
        try await connection.write(ok("hello"))
      }
    ) { stage in
      let slow = SocketTests.start(stage, stage.request("/slow", host: "a.example"))
      await arrived.wait()
      for host in ["b.example", "a.example"] {
        var request = stage.request("/", host: host)
        request.limits.total = .seconds(2)
        let response = await stage.fetcher.fetch(request)
        #expect(response.outcome == .ok)
      }
      #expect(stage.statistics.inFlight == 1)
      released.happen()
      let slowResponse = try await slow.value
      #expect(slowResponse.outcome == .ok)
    }
  }

  @Test func `a handshake that does not end holds up no other host behind the same address`() throws {
    var configuration = FetchConfiguration()
    configuration.shards = 1
    // The server waits for a request's head, which a TLS handshake never is.
    try Stage.run(configuration: configuration, hosts: SocketTests.hosts) { stage in
      let first = SocketTests.start(stage, stage.request("/", host: "a.example", scheme: "https"))
      await stage.reached { stage.server.connections == 1 }
      var request = stage.request("/", host: "b.example", scheme: "https")
      request.limits.total = .milliseconds(300)
      #expect(await stage.fetcher.fetch(request).outcome == .tlsTimeout)
      #expect(stage.server.connections == 2)
      first.cancel()
      let firstResponse = try await first.value
      #expect(firstResponse.outcome == .aborted)
    }
  }

  @Test func `a retired shard keeps no idle connections beside its last transfers`() throws {
    var configuration = FetchConfiguration()
    configuration.shards = 1
    configuration.hostsPerShard = 2
    let arrived = [Occurrence(), Occurrence()]
    let released = [Occurrence(), Occurrence()]
    try Stage.run(
      configuration: configuration, hosts: SocketTests.hosts,
      answer: { request, connection in
        if let number = ["/0", "/1"].firstIndex(of: request.target) {
          arrived[number].happen()
          await released[number].wait()
        }
        try await connection.write(ok("hello"))
      }
    ) { stage in
      let first = SocketTests.start(stage, stage.request("/0", host: "a.example"))
      await arrived[0].wait()
      let second = SocketTests.start(stage, stage.request("/1", host: "b.example"))
      await arrived[1].wait()
      #expect(await stage.fetcher.fetch(stage.request("/", host: "c.example")).outcome == .ok)
      released[1].happen()
      let secondResponse = try await second.value
      #expect(secondResponse.outcome == .ok)
      // The one in flight, and the idle one of the shard that replaced the first.
      #expect(stage.statistics.openSockets == 2)
      released[0].happen()
      let firstResponse = try await first.value
      #expect(firstResponse.outcome == .ok)
    }
  }
}
