import Control
import EventLoop
import Glibc
import Testing

/// Events on the connection: what a subscriber gets, and what one gets that does not read.
struct SubscriptionTests {
  private static let request = #"{"jsonrpc":"2.0","id":1,"method":"events.subscribe"}"#

  private static func event(_ number: Int, padding: Int = 0) -> EventReport {
    var event = EventReport(kind: "daemon", at: Int64(number))
    event.message = String(repeating: "x", count: padding)
    return event
  }

  /// A server whose feeds are kept for the test to post to, and whose ended subscriptions are counted.
  private func run(
    capacity: Int = 10,
    _ body: @escaping @Sendable (Scene, Seen<ControlFeed<EventReport>>, Seen<Int>) async throws -> Void
  ) throws {
    let (feeds, ended) = (Seen<ControlFeed<EventReport>>(), Seen<Int>())
    try Scene.run(
      handlers: { table in
        table.register(streaming: EventsSubscribe.self) { parameters, _ in
          if !parameters.tasks.isEmpty { throw ControlError(.notFound, "no such task") }
          guard let loop = EventLoop.current else { throw EventLoopError.stopped }
          let feed = ControlFeed<EventReport>(loop: loop, capacity: capacity, dropped: EventsSubscribe.dropped)
          feeds.values.append(feed)
          return ControlStream(reply: EventsSubscribe.Result(capacity: capacity), feed: feed) {
            ended.values.append(1)
            await feed.end()
          }
        }
        table.register(TaskShow.self) { parameters, _ in TaskShow.Result(task: someTask(1, parameters.task)) }
      },
      { scene in try await body(scene, feeds, ended) })
  }

  @Test func aSubscriptionNamesAThousandOfAKindAtMost() throws {
    try run { scene, _, _ in
      for key in ["kinds", "tasks", "hosts", "outcomes"] {
        let names = (0..<1_001).map { "\"n\($0)\"" }
        let connection = try await scene.connect()
        for (count, answer) in [(1_001, "the request names 1001 \(key); 1000 at most"), (1_000, "\"id\":1")] {
          let list = names.prefix(count).joined(separator: ",")
          try await connection.write(
            #"{"jsonrpc":"2.0","id":1,"method":"events.subscribe","params":{"\#(key)":[\#(list)]}}"# + "\n")
          let reply = String(decoding: try #require(try await connection.readLine(limit: 1 << 20)), as: UTF8.self)
          #expect(reply.contains(answer) && reply.contains("at most") == (count > 1_000), "\(key): \(reply)")
        }
        connection.close()
      }
    }
  }

  @Test func eventsFollowTheReplyAndOtherRequestsAreAnsweredMeanwhile() throws {
    try run { scene, feeds, ended in
      let connection = try await scene.connect()
      #expect(try await connection.ask(Self.request) == #"{"id":1,"jsonrpc":"2.0","result":{"capacity":10}}"#)
      feeds.values[0].post(Self.event(1))
      #expect(
        try await connection.readReply()
          == #"{"jsonrpc":"2.0","method":"event","params":{"at":1,"kind":"daemon","message":""}}"#)
      let row = try #require(scene.loop.snapshotTasks().first { $0.name == "events.subscribe for process \(getpid())" })
      #expect(row.waitingFor == "events")
      let show = #"{"jsonrpc":"2.0","id":2,"method":"task.show","params":{"task":"a"}}"#
      #expect(try await connection.ask(show).hasPrefix(#"{"id":2,"#))
      connection.close()
      while ended.values.isEmpty { try await scene.loop.sleep(for: .milliseconds(1)) }
    }
  }

  @Test func aRefusedSubscriptionIsAnError() throws {
    try run { scene, feeds, _ in
      let connection = try await scene.connect()
      let request = #"{"jsonrpc":"2.0","id":1,"method":"events.subscribe","params":{"tasks":["x"]}}"#
      #expect(try await connection.ask(request).contains(#""code":-32004"#))
      #expect(feeds.values.isEmpty)
      // The connection goes on, and may subscribe.
      #expect(try await connection.ask(Self.request).contains("capacity"))
      connection.close()
    }
  }

  @Test func aConnectionHasFourSubscriptions() throws {
    try run { scene, feeds, ended in
      let connection = try await scene.connect()
      let request = { (id: Int) in #"{"jsonrpc":"2.0","id":\#(id),"method":"events.subscribe"}"# }
      for id in 1...4 { #expect(try await connection.ask(request(id)).contains("capacity")) }
      #expect(try await connection.ask(request(5)).contains("this connection has 4 subscriptions already"))
      #expect(feeds.values.count == 4)
      let other = try await scene.connect()
      #expect(try await other.ask(request(1)).contains("capacity"))
      connection.close()
      other.close()
      while ended.values.count < 5 { try await scene.loop.sleep(for: .milliseconds(1)) }
    }
  }

  @Test func whatFindsTheQueueFullIsCounted() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let feed = ControlFeed<EventReport>(loop: loop, capacity: 3, dropped: EventsSubscribe.dropped)
      for number in 1...8 { feed.post(Self.event(number)) }
      #expect(await feed.next(limit: 2).map(\.at) == [1, 2])
      // The queue has room again, but the gap is told of first.
      feed.post(Self.event(9))
      let rest = await feed.next(limit: 2)
      #expect(rest.map(\.at) == [3, nil])
      #expect(rest.last?.kind == "dropped" && rest.last?.dropped == 6)
      feed.post(Self.event(10))
      #expect(await feed.next(limit: 2).map(\.at) == [10])
      await feed.end()
      #expect(await feed.next(limit: 2).isEmpty)
    }
  }

  @Test func aSubscriberThatReadsLateLosesEventsWithACount() throws {
    try run(capacity: 20) { scene, feeds, _ in
      let connection = try await scene.connect()
      _ = try await connection.ask(Self.request)
      // Far more than the socket and the queue hold; the poster never waits.
      let posted = 2_000
      for number in 1...posted {
        feeds.values[0].post(Self.event(number, padding: 10_000))
        await Task.yield()
      }
      var (received, dropped) = (0, 0)
      while received + dropped < posted {
        let line = try await connection.readReply()
        if let range = line.firstRange(of: #""dropped":"#) {
          dropped += Int(line[range.upperBound...].prefix { $0.isNumber }) ?? 0
        } else {
          received += 1
        }
      }
      #expect(received + dropped == posted)
      #expect(dropped > 0 && received >= 20)
      connection.close()
    }
  }

  @Test func aSubscriberThatNeverReadsIsDisconnected() throws {
    try run { scene, feeds, ended in
      let connection = try await scene.connect()
      _ = try await connection.ask(Self.request)
      let start = scene.loop.now
      while ended.values.isEmpty {
        feeds.values[0].post(Self.event(1, padding: 100_000))
        try await scene.loop.sleep(for: .milliseconds(100))
      }
      #expect(scene.loop.now - start >= .seconds(10))
      connection.close()
    }
  }

  /// Ten events a second, which is less than the kernel tells of.
  @Test func aSubscriberThatReadsSlowlyStays() throws {
    try run(capacity: 1_000) { scene, feeds, _ in
      let connection = try await scene.connect()
      #expect(try await connection.ask(Self.request).contains("capacity"))
      let show = #"{"jsonrpc":"2.0","id":2,"method":"task.show","params":{"task":"a"}}"#
      for number in 1...2_000 {
        feeds.values[0].post(Self.event(number, padding: 250))
        if number.isMultiple(of: 100) { try await scene.loop.sleep(for: .milliseconds(1)) }
      }
      // A reply comes behind some of them.
      try await connection.write(show + "\n")
      let start = scene.loop.now
      var received: [UInt8] = []
      while scene.loop.now - start < .seconds(100) {
        let bytes = try await connection.read(upTo: 320)
        try #require(!bytes.isEmpty, "disconnected after \(scene.loop.now - start)")
        received += bytes
        try await scene.loop.sleep(for: .milliseconds(100))
      }
      while !String(decoding: received, as: UTF8.self).contains(#""id":2,"jsonrpc""#) {
        let bytes = try await connection.read(upTo: 65_536)
        try #require(!bytes.isEmpty)
        received += bytes
      }
      connection.close()
    }
  }

  @Test func theClientHandsEventsOverUntilItHasEnough() throws {
    try run { scene, feeds, ended in
      let seen = Seen<EventReport>()
      let follower = scene.loop.startTask(name: "follower") {
        try await ControlClient.connect(to: scene.path, on: scene.loop) { client in
          try await client.follow(EventsSubscribe.self, EventsSubscribe.Parameters(), begun: { _ in }) { event in
            seen.values.append(event)
            return seen.values.count < 2
          }
        }
      }
      while feeds.values.isEmpty { try await scene.loop.sleep(for: .milliseconds(1)) }
      for number in 1...3 { feeds.values[0].post(Self.event(number)) }
      try await follower.value
      #expect(seen.values.map(\.at) == [1, 2])
      while ended.values.isEmpty { try await scene.loop.sleep(for: .milliseconds(1)) }
    }
  }
}
