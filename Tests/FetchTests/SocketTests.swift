import EventLoop
import Fetch
import TestWeb
import Testing
import WebURL

/// Sockets that run short, and shards that are replaced.
@Suite struct SocketTests {
  private static let hosts = "127.0.0.1 a.example\n127.0.0.1 b.example\n127.0.0.1 c.example\n"

  /// A fetch of a host's page as a task of its own.
  private static func start(_ stage: Stage, _ request: FetchRequest) -> Coroutine<FetchResponse> {
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
        let request = stage.request("/", host: host)
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

  @Test func `a request that a kept connection does not take is sent once, and not again by libcurl`() throws {
    let requests = Requests()
    try Stage.run(answer: { request, connection in
      if requests.isFirst(on: request.connection) { return try await connection.write(ok("hello")) }
      connection.close()
    }) { stage in
      #expect(await stage.fetch("/0").outcome == .ok)
      let log = SendLog()
      let response = await stage.fetch("/1") {
        $0.maySend = { _, isAgain in
          log.note(isAgain)
          return true
        }
      }
      #expect(response.outcome == .reset && response.isUntaken && response.reused && response.requestSent)
      #expect(!response.isRefused)
      #expect(log.asked == [false])
      #expect(stage.server.requests.map(\.target) == ["/0", "/1"] && stage.server.connections == 1)
      let again = await stage.fetch("/1")
      #expect(again.outcome == .ok && !again.isUntaken && !again.reused)
    }
  }

  @Test func `a handshake that does not end holds up no other host behind the same address`() throws {
    var configuration = FetchConfiguration()
    configuration.shards = 1
    // The server waits for a request's head, which a TLS handshake never is.
    try Stage.run(configuration: configuration, hosts: SocketTests.hosts) { stage in
      let first = SocketTests.start(stage, stage.request("/", host: "a.example", scheme: "https"))
      await stage.reached { stage.server.connections == 1 }
      let request = stage.request("/", host: "b.example", scheme: "https")
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

  @Test func `shards of further routes take their descriptors from the sockets`() throws {
    var configuration = FetchConfiguration()
    configuration.shards = 1
    try Stage.run(configuration: configuration) { stage in
      #expect(stage.statistics.maximumSockets == stage.fetcher.maximumSockets)
      // One that is ordinary and seven more are reckoned with.
      for further in 1...9 {
        let certificate = ClientCertificate(name: "c", file: "/c.pem", keyFile: nil, keyPassword: nil)
        let route = FetchRoute(certificate: certificate)
        for _ in 0..<2 { #expect(await stage.fetch { $0.route = route }.outcome == .ok) }
        #expect(stage.statistics.maximumSockets == stage.fetcher.maximumSockets - 2 * max(0, further - 7))
      }
    }
  }

  /// One socket in all, held by a fetch of a.example until `released`.
  private static func runWithOneSocket(
    fields: [String] = [],
    _ body: @escaping @Sendable (Stage, Coroutine<FetchResponse>, Occurrence) async throws -> Void
  ) throws {
    var configuration = FetchConfiguration()
    configuration.maximumSockets = 1
    configuration.maximumInFlight = 10
    let arrived = Occurrence()
    let released = Occurrence()
    try Stage.run(
      configuration: configuration, hosts: SocketTests.hosts,
      answer: { request, connection in
        if request.target == "/slow" {
          arrived.happen()
          await released.wait()
        }
        try await connection.write(ok("hello", fields: fields))
        if !fields.isEmpty { connection.close() }
      }
    ) { stage in
      let slow = SocketTests.start(stage, stage.request("/slow", host: "a.example"))
      await arrived.wait()
      try await body(stage, slow, released)
    }
  }

  @Test(arguments: [false, true])
  func `a waiter that is stopped when its turn comes leaves the socket to the next`(isCancelled: Bool) throws {
    try SocketTests.runWithOneSocket(fields: ["Connection: close"]) { stage, slow, released in
      let gate = FetchGate()
      let stopped = SocketTests.start(
        stage,
        FetchRequest(
          url: stage.request("/", host: "b.example").url, userAgent: "test/1.0",
          progress: FetchProgress(now: stage.loop.now), gate: gate))
      await stage.reached { stage.statistics.waitingForSocket == 1 }
      let request = stage.request("/", host: "c.example")
      // Long past what is needed; without a turn it ends there.
      request.limits.total = .seconds(3)
      let next = SocketTests.start(stage, request)
      await stage.reached { stage.statistics.waitingForSocket == 2 }
      if isCancelled {
        // In the tick in which the socket closes, after it did.
        let hook = stage.loop.beforeSleep { if stage.statistics.openSockets == 0 { stopped.cancel() } }
        released.happen()
        _ = try await slow.value
        stopped.cancel()
        hook.cancel()
      } else {
        gate.isOpen = false
        released.happen()
      }
      let nextResponse = try await next.value
      #expect(nextResponse.outcome == .ok)
      if !isCancelled {
        let stoppedResponse = try await stopped.value
        #expect(stoppedResponse.outcome == .aborted)
      }
      #expect(stage.statistics.waitingForSocket == 0)
    }
  }

  @Test func `an idle connection gives way to those that wait for a socket`() throws {
    try SocketTests.runWithOneSocket { stage, slow, released in
      var waiting: [Coroutine<FetchResponse>] = []
      for host in ["b.example", "c.example", "b.example"] {
        let request = stage.request("/", host: host)
        request.limits.total = .seconds(3)
        waiting.append(SocketTests.start(stage, request))
      }
      await stage.reached { stage.statistics.waitingForSocket == 3 }
      released.happen()
      for task in waiting {
        let response = try await task.value
        #expect(response.outcome == .ok)
      }
      let slowResponse = try await slow.value
      #expect(slowResponse.outcome == .ok)
    }
  }

  @Test func `a connection that is given up before it was one leaves no socket behind`() throws {
    try Stage.run { stage in
      let server = DeafServer()
      let request = stage.request()
      request.url = WebURL("http://127.0.0.1:\(server.port)/")!
      request.limits.connect = .milliseconds(20)
      request.limits.addresses = 1
      for _ in 0..<3 {
        #expect(await stage.fetcher.fetch(request).outcome == .connectTimeout)
        #expect(stage.statistics.openSockets == 0)
      }
      request.limits.connect = .seconds(30)
      let unanswered = request
      let task = SocketTests.start(stage, unanswered)
      await stage.reached { stage.statistics.connectionsMade == 4 }
      #expect(stage.statistics.openSockets == 1)
      task.cancel()
      let response = try await task.value
      #expect(response.outcome == .aborted)
      #expect(stage.statistics.openSockets == 0)
      // Descriptors that were used before serve anew.
      #expect(await stage.fetch().outcome == .ok)
      #expect(stage.statistics.openSockets == 1)
    }
  }

  @Test func `closing the fetcher leaves no socket behind`() throws {
    try Stage.run { stage in
      let server = DeafServer()
      let request = stage.request()
      request.url = WebURL("http://127.0.0.1:\(server.port)/")!
      let unanswered = request
      let task = SocketTests.start(stage, unanswered)
      await stage.reached { stage.statistics.connectionsMade == 1 }
      await stage.fetcher.close()
      #expect(stage.statistics.openSockets == 0)
      let response = try await task.value
      #expect(response.outcome == .aborted)
    }
  }
}

/// The connections on which a request came. Confined to the loop of its test.
private final class Requests: @unchecked Sendable {
  private var connections: Set<Int> = []

  func isFirst(on connection: Int) -> Bool { connections.insert(connection).inserted }
}
