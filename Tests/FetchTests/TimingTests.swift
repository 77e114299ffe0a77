import EventLoop
import Fetch
import Glibc
import TestWeb
import Testing
import WebURL

/// The steps of a fetch never take longer than the whole, however long a tick of the loop is.
@Suite struct TimingTests {
  private static func sum(_ timings: FetchTimings) -> Int64 {
    timings.queue + timings.dns + timings.connect + timings.tls + timings.firstByte
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }

  /// Keeps the loop busy: the tick's time then says little of when a thing happened.
  private static func spin() {
    let end = now() + 10_000
    while now() < end {}
  }

  @Test func `the time in which an answer waits for the loop is part of the whole`() throws {
    var descriptors: [Int32] = [-1, -1]
    #expect(pipe(&descriptors) == 0)
    let (reading, writing) = (descriptors[0], descriptors[1])
    defer {
      close(reading)
      close(writing)
    }
    try Stage.run(answer: { _, connection in
      // Ready before the answer is, so it comes first in the tick in which the answer is read.
      _ = "x".withCString { write(writing, $0, 1) }
      try await connection.write(ok("hello"))
    }) { stage in
      let watch = try stage.loop.watch(reading, for: .readable) { _ in
        var byte: UInt8 = 0
        _ = read(reading, &byte, 1)
        TimingTests.spin()
      }
      for _ in 0..<3 {
        let timings = await stage.fetch().timings
        #expect(timings.firstByte > 0)
        #expect(timings.total >= TimingTests.sum(timings))
      }
      watch.cancel()
    }
  }

  @Test func `a fetch that begins late in a tick does not count what was before`() throws {
    try Stage.run { stage in
      TimingTests.spin()
      let began = TimingTests.now()
      let response = await stage.fetch()
      #expect(response.outcome == .ok)
      #expect(response.timings.total <= TimingTests.now() - began)
    }
  }

  @Test func `failures without a connection have their time too`() throws {
    try Stage.run { stage in
      let request = stage.request("/", host: "unknown.example")
      let notFound = await stage.fetcher.fetch(request)
      #expect(!notFound.outcome.isAnswer)
      #expect(notFound.timings.dns > 0)
      #expect(notFound.timings.total >= TimingTests.sum(notFound.timings))
      request.url = WebURL("http://127.0.0.1:1/")!
      let refused = await stage.fetcher.fetch(request)
      #expect(refused.outcome == .connectRefused)
      #expect(refused.timings.total > 0)
      #expect(refused.timings.total >= TimingTests.sum(refused.timings))
    }
  }

  @Test func `the time of the request is that at which it goes out, whatever was tried before`() throws {
    try Stage.run(hosts: "127.0.0.9 dead.example\n127.0.0.1 dead.example\n") { stage in
      let deaf = DeafServer(address: 0x7F00_0009, port: stage.port)
      defer { withExtendedLifetime(deaf) {} }
      let request = stage.request("/", host: "dead.example")
      request.limits.connect = .milliseconds(200)
      let began = TimingTests.now()
      let response = await stage.fetcher.fetch(request)
      #expect(response.outcome == .ok)
      let sent = (response.requestSentAt?.nanoseconds ?? 0) / 1_000
      #expect(sent >= began + 200_000 && sent <= TimingTests.now())
    }
  }

  @Test func `a fetch that may not be sent is not`() throws {
    try Stage.run { stage in
      let log = SendLog()
      let request = stage.request()
      request.maySend = { _, isAgain in
        log.note(isAgain)
        return false
      }
      let response = await stage.fetcher.fetch(request)
      #expect(response.outcome == .aborted && response.requestSentAt == nil)
      #expect(log.asked == [false])
      #expect(stage.server.requests.isEmpty)
    }
  }

  @Test func `the wait for a place is the queue's time`() throws {
    var configuration = FetchConfiguration()
    configuration.maximumInFlight = 1
    try Stage.run(configuration: configuration) { stage in
      await withTaskGroup(of: FetchTimings.self) { group in
        for number in 0..<5 { group.addTask { await stage.fetch("/\(number)").timings } }
        var queued = 0
        for await timings in group {
          if timings.queue > 0 { queued += 1 }
          #expect(timings.total >= TimingTests.sum(timings))
        }
        #expect(queued >= 4)
      }
    }
  }
}
