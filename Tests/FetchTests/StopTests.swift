import Address
import EventLoop
import Fetch
import Testing
import WebURL

/// Guard, gate, cancellation and close: what must keep a request from being sent.
@Suite struct StopTests {
  @Test(arguments: [
    "http://127.0.0.1:PORT/", "http://[::1]:PORT/", "http://[::ffff:127.0.0.1]:PORT/", "http://0x7f.1:PORT/",
    "http://localhost:PORT/", "http://private.example:PORT/",
  ])
  func `special addresses are refused by default, without a connection`(url: String) throws {
    try Stage.run(allow: [], hosts: "127.0.0.1 private.example\n") { stage in
      let request = stage.request()
      request.url = WebURL(url.replacing("PORT", with: "\(stage.port)"))!
      let response = await stage.fetcher.fetch(request)
      #expect(response.outcome == .addressRefused)
      #expect(response.error?.contains("refused") == true)
      #expect(!response.requestSent)
      #expect(stage.server.connections == 0)
      #expect(await stage.fetcher.statistics.connectionsMade == 0)
    }
  }

  @Test(arguments: ["127.0.0.1", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]"])
  func `an IPv4 address counts as itself however it is written`(host: String) throws {
    try Stage.run { stage in
      let asked = Asked()
      let response = await stage.fetcher.fetch(stage.request("/", host: host).asking(asked))
      #expect(response.outcome == .aborted && asked.addresses == ["127.0.0.1"])
    }
  }

  @Test func `only the allowed addresses of a name are tried`() throws {
    try Stage.run(allow: ["127.0.0.1/32"], hosts: "127.0.0.2 mixed.example\n127.0.0.1 mixed.example\n") { stage in
      let response = await stage.fetcher.fetch(stage.request("/", host: "mixed.example"))
      #expect(response.outcome == .ok)
      #expect(response.remoteAddress == "127.0.0.1")
      #expect(await stage.fetcher.statistics.connectionsMade == 1)
    }
  }

  @Test func `a closed gate lets nothing out, on new connections and kept ones`() throws {
    try Stage.run { stage in
      let gate = FetchGate(isOpen: false)
      func fetch() async -> FetchResponse {
        await stage.fetcher.fetch(
          FetchRequest(
            url: stage.request().url, userAgent: "test/1.0", progress: FetchProgress(now: stage.loop.now), gate: gate))
      }
      let closed = await fetch()
      #expect(closed.outcome == .aborted)
      #expect(!closed.requestSent)
      #expect(stage.server.connections == 0)
      gate.isOpen = true
      #expect(await fetch().outcome == .ok)
      gate.isOpen = false
      #expect(await fetch().outcome == .aborted)
      #expect(stage.server.requests.count == 1)
    }
  }

  @Test func `a gate that closes after the start keeps the request from being written`() throws {
    try Stage.run { stage in
      let gate = FetchGate()
      let request = FetchRequest(
        url: stage.request().url, userAgent: "test/1.0", progress: FetchProgress(now: stage.loop.now), gate: gate)
      // With a kept connection the request would go out in the tick after the start.
      #expect(await stage.fetch().outcome == .ok)
      let task = stage.loop.startTask(name: "fetch") { await stage.fetcher.fetch(request) }
      stage.loop.callSoon { gate.isOpen = false }
      let response = try await task.value
      #expect(response.outcome == .aborted)
      #expect(!response.requestSent)
      #expect(request.progress.phase == .connect)
      #expect(stage.server.requests.count == 1)
      // libcurl had the kept connection in its hands already.
      #expect(stage.statistics.openSockets == 0)
    }
  }

  @Test func `a gate that closes while it is connecting keeps the request from being written`() throws {
    try Stage.run { stage in
      let gate = FetchGate()
      let request = FetchRequest(
        url: stage.request().url, userAgent: "test/1.0", progress: FetchProgress(now: stage.loop.now), gate: gate)
      let task = stage.loop.startTask(name: "fetch") { await stage.fetcher.fetch(request) }
      await stage.reached {
        // Before the loop learns that the connection is there.
        if stage.statistics.connectionsMade == 1 { gate.isOpen = false }
        return !gate.isOpen
      }
      let response = try await task.value
      #expect(response.outcome == .aborted)
      #expect(!response.requestSent)
      #expect(stage.server.requests.isEmpty)
      #expect(await stage.fetcher.statistics.openSockets == 0)
    }
  }

  @Test func `cancelling aborts a fetch that waits for its answer`() throws {
    let arrived = Occurrence()
    try Stage.run(answer: { _, connection in
      arrived.happen()
      _ = try await connection.read(upTo: 1)
    }) { stage in
      let request = stage.request()
      let task = stage.loop.startTask(name: "fetch") { await stage.fetcher.fetch(request) }
      await arrived.wait()
      #expect(request.progress.phase == .requestSent)
      task.cancel()
      let response = try await task.value
      #expect(response.outcome == .aborted)
      #expect(response.requestSent)
      #expect(await stage.fetcher.statistics.openSockets == 0)
      #expect(await stage.fetcher.statistics.inFlight == 0)
    }
  }

  @Test func `cancelling before the start sends nothing`() throws {
    try Stage.run { stage in
      let request = stage.request()
      let task = stage.loop.startTask(name: "fetch") { await stage.fetcher.fetch(request) }
      task.cancel()
      let taskResponse = try await task.value
      #expect(taskResponse.outcome == .aborted)
      #expect(stage.server.connections == 0)
    }
  }

  @Test func `cancelling ends the wait for a place, and the place is not lost`() throws {
    var configuration = FetchConfiguration()
    configuration.maximumInFlight = 1
    let arrived = Occurrence()
    try Stage.run(
      configuration: configuration,
      answer: { request, connection in
        guard request.target == "/slow" else { return try await connection.write(ok("quick")) }
        arrived.happen()
        _ = try await connection.read(upTo: 1)
      }
    ) { stage in
      let slow = stage.loop.startTask(name: "slow") { await stage.fetch("/slow") }
      await arrived.wait()
      let waiting = stage.loop.startTask(name: "waiting") { await stage.fetch("/waiting") }
      let next = stage.loop.startTask(name: "next") { await stage.fetch("/next") }
      await stage.reached { stage.statistics.waiting == 2 }
      waiting.cancel()
      let waitingResponse = try await waiting.value
      #expect(waitingResponse.outcome == .aborted)
      slow.cancel()
      let slowResponse = try await slow.value
      #expect(slowResponse.outcome == .aborted)
      let nextResponse = try await next.value
      #expect(nextResponse.outcome == .ok)
      #expect(stage.server.requests.map(\.target) == ["/slow", "/next"])
    }
  }

  @Test func `close aborts what runs and what waits`() throws {
    let arrived = Occurrence()
    try Stage.run(answer: { _, connection in
      arrived.happen()
      _ = try await connection.read(upTo: 1)
    }) { stage in
      let task = stage.loop.startTask(name: "fetch") { await stage.fetch() }
      await arrived.wait()
      await stage.fetcher.close()
      let taskResponse = try await task.value
      #expect(taskResponse.outcome == .aborted)
      #expect(await stage.fetch().outcome == .aborted)
      #expect(await stage.fetcher.statistics.openSockets == 0)
    }
  }

  @Test func `the phases and bytes of a fetch can be seen while it runs`() throws {
    let arrived = Occurrence()
    let fields = head(["Content-Length: 10"])
    try Stage.run(answer: { _, connection in
      try await connection.write(fields + "12345")
      await arrived.wait()
      try await connection.write("67890")
    }) { stage in
      let request = stage.request()
      #expect(request.progress.phase == .queued)
      let task = stage.loop.startTask(name: "fetch") { await stage.fetcher.fetch(request) }
      await stage.reached { request.progress.bytes == 5 }
      #expect(request.progress.phase == .body)
      #expect(await stage.fetcher.statistics.bufferedBytes == 5 + 2 * fields.utf8.count)
      arrived.happen()
      let taskResponse = try await task.value
      #expect(taskResponse.text == "1234567890")
      #expect(request.progress.bytes == 10)
    }
  }

  @Test func `close ends the wait for a place, and every place is given back once`() throws {
    var configuration = FetchConfiguration()
    configuration.maximumInFlight = 1
    let arrived = Occurrence()
    try Stage.run(
      configuration: configuration,
      answer: { _, connection in
        arrived.happen()
        _ = try await connection.read(upTo: 1)
      }
    ) { stage in
      let tasks = (0..<4).map { number in
        stage.loop.startTask(name: "fetch") { await stage.fetch("/\(number)") }
      }
      await arrived.wait()
      await stage.reached { stage.statistics.waiting == 3 }
      await stage.fetcher.close()
      for task in tasks {
        let response = try await task.value
        #expect(response.outcome == .aborted)
      }
      #expect(stage.statistics.inFlight == 0)
      #expect(stage.statistics.waiting == 0)
      #expect(stage.server.requests.count == 1)
    }
  }
}

/// The addresses that a fetch would have connected to. Confined to the loop of its test.
private final class Asked: @unchecked Sendable {
  private(set) var addresses: [String] = []

  func note(_ address: String) { addresses.append(address) }
}

extension FetchRequest {
  /// Notes where it would go, and goes nowhere.
  fileprivate func asking(_ asked: Asked) -> FetchRequest {
    mayConnect = { address in
      asked.note(address)
      return false
    }
    return self
  }
}
