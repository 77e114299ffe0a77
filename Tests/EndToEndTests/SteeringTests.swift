import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// How soon users are answered, and how soon what they want holds: with thousands of fetches in flight, while very many
  /// seeds come, and while they go. `scripts/soak control` measures it; `scripts/test` plays it once, and small.
  @Suite struct Steering {
    private static let rounds = Soak.number("CONTROL_ROUNDS", usual: 1)
    private static let inFlight = Soak.number("CONTROL_IN_FLIGHT", usual: 200)
    private static let seeds = Soak.number("CONTROL_SEEDS", usual: 3_000)
    /// A tenth of the seeds have texts in a task of their own.
    private static let texts = seeds / 10
    private static var isMeasured: Bool { rounds > 1 }

    /// Plays until one round was within all limits, at most as often as `scripts/soak` asks; `scripts/test` measures nothing.
    private static func best(_ play: (_ limits: Limits) throws -> Void) throws {
      var limits = Limits()
      for _ in 0..<rounds {
        limits = Limits()
        try play(limits)
        if isMeasured { Soak.say(limits.sentence) }
        if limits.exceeded.isEmpty { break }
      }
      if isMeasured { #expect(limits.exceeded == [], "the best of \(rounds) rounds") }
    }

    // MARK: Thousands in flight

    /// Fetches end all the time, and others take their place. Again and again the task is paused: by the server's log no
    /// request arrives later than 100 ms after the answer, until it is resumed.
    @Test func pausesHoldAtOnceWithThousandsInFlight() throws {
      let pauses = Self.isMeasured ? 120 : 3
      let time = Self.isMeasured ? 2 * Self.inFlight : 1_000
      try Self.best { limits in
        try Stage.play(Site(hosts: 10, pages: 1), limit: .seconds(600)) { stage in
          await stage.web.setScript { _, target, _ in
            guard target.hasPrefix("/s/") else { return nil }
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\n"
            // From half of that time to one and a half, so that they end one by one.
            let milliseconds = time / 2 + (Int(target.dropFirst(3)) ?? 0) * 7_919 % time
            return [.send(head), .trickle([0x20], every: .milliseconds(milliseconds))]
          }
          try stage.replaceConfiguration("[daemon]\nshutdown_grace = 0\n[fetch]\nmax_in_flight = \(Self.inFlight)\n")
          let file = "\(stage.directory)/seeds"
          let urls = (0..<Self.inFlight + (Self.isMeasured ? 60_000 : 2_000)).map {
            stage.url("/s/\($0)", host: $0 % 10)
          }
          try TextFile.write(urls.joined(separator: "\n") + "\n", to: file)
          try await stage.withDaemon { _ in
            try await stage.control(
              "add", "--name", "crowd", "--delay", "0", "--concurrency", "\(min(1_000, Self.inFlight))", "--depth", "0",
              "--file",
              file)
            try await stage.web.waitForRequests(10 + Self.inFlight)
            let user = Asker(stage)
            let crowd = #"{"tasks":["crowd"]}"#
            for _ in 0..<pauses {
              let before = await stage.web.log.count
              let held = try await user.ask("task.pause", crowd)
              #expect(held.reply.contains(#""to":"paus"#), "\(held.reply)")
              repeat {
                try await user.ask("task.list")
                try await user.ask("task.show", #"{"task":"crowd"}"#)
              } while Self.isMeasured && Instant.monotonicNow - held.answered < .milliseconds(200)
              let end = Instant.monotonicNow
              let later = await stage.web.log.entries[before...].map { $0.arrived - held.answered }
              limits.note(later.filter { $0 < end - held.answered }.max() ?? .zero, as: "last request after a pause")
              try await user.ask("task.resume", crowd)
              if Self.isMeasured { try await stage.web.waitForRequests(await stage.web.log.count + Self.inFlight / 50) }
            }
            limits.note("\(Self.inFlight) in flight", user, unlimited: "task.resume")
            limits.set("last request after a pause", 100)
            try await stage.control("cancel", "crowd")
          }
          try await stage.expectSound()
        }
      }
    }

    // MARK: Very many seeds

    /// A file of so many seeds, on a hundred hosts that nobody asks.
    private static func writeSeeds(_ count: Int, _ stage: Stage) throws -> String {
      let file = "\(stage.directory)/seeds"
      let urls = (0..<count).map { stage.url("/x/\($0)", on: "k\($0 % 100).test") }
      try TextFile.write(urls.joined(separator: "\n") + "\n", to: file)
      return file
    }

    /// They come from a file, are visited again by a recrawl, and go: all of it while users ask and change settings.
    @Test func seedsComeAndGoWhileUsersAreAnswered() throws {
      try Self.best { limits in
        try Stage.play(Site(hosts: 1, pages: 1), limit: .seconds(900)) { stage in
          let file = try Self.writeSeeds(Self.seeds, stage)
          try await stage.withDaemon { _ in
            try await stage.control("add", "--name", "other", "--paused", stage.url("/"))
            let adding = Asker(stage)
            let began = Instant.monotonicNow
            try await adding.go(while: { try await stage.control("add", "--name", "many", "--paused", "--file", file) })
            limits.note(Instant.monotonicNow - began, as: "add --file, \(Self.seeds) seeds")
            limits.set("add --file, \(Self.seeds) seeds", 30_000)
            limits.note("add --file", adding)
            try await stage.control("cancel", "many")
            _ = try await stage.crawlctl(["wait", "many"])

            let again = Asker(stage)
            try await again.go(while: {
              try await stage.control("add", "--name", "again", "--paused", "--recrawl", "many")
              while try await !stage.control("show", "again", "--json").contains(#""seed_count":\#(Self.seeds)"#) {}
            })
            limits.note("recrawl", again)
            try await stage.control("cancel", "again")
            _ = try await stage.crawlctl(["wait", "again"])

            let removing = Asker(stage)
            try await removing.go(while: {
              try await stage.control("rm", "again", "many")
              try await stage.waitForRemovals()
            })
            limits.note("rm", removing)
            // Each change of a setting is a transaction, which waits for the one under way.
            limits.note(removing.longest("task.set"), as: "longest change of a setting while rows go")
            limits.set("longest change of a setting while rows go", 100)
            #expect(try stage.number("SELECT count(*) FROM urls") == 1)
          }
          try await stage.expectSound()
        }
      }
    }

    // MARK: Very many texts

    /// A task goes whose pages have texts: neither its rows nor its share of the full-text index hold a change of a setting up.
    @Test func textsGoWhileUsersAreAnswered() throws {
      try Self.best { limits in
        try Stage.play(Site(hosts: 1, pages: 1), limit: .seconds(900)) { stage in
          let file = try Self.writeSeeds(Self.texts, stage)
          try await stage.withDaemon { _ in
            try await stage.control("add", "--name", "other", "--paused", stage.url("/"))
            try await stage.control("add", "--name", "many", "--paused", "--file", file)
            try await stage.control("cancel", "many")
            _ = try await stage.crawlctl(["wait", "many"])
          }
          // Texts of 100 words out of 100,000, some of them in far more texts than others, a hundred texts to a transaction.
          for start in stride(from: 0, to: Self.texts, by: 100) {
            try stage.write(
              """
              BEGIN;
              INSERT INTO page_texts (id, hash, title, text)
              WITH RECURSIVE words (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM words WHERE n < 100)
              SELECT id, CAST(id AS BLOB), 'Page ' || id,
                (SELECT group_concat('w' || ((id * 7919 + n * n * 104729) % (1 + n * n * 10)), ' ') FROM words)
              FROM urls WHERE task_id = 2 AND id > \(start) + 1 AND id <= \(start) + 101;
              INSERT INTO pages (url_id, run_id, fetch_id, link_count, fetched_at, text_id)
              SELECT id, 2, 0, 0, 0, id FROM page_texts WHERE id > \(start) + 1;
              COMMIT;
              INSERT INTO page_search (page_search, rank) VALUES ('merge', 500);
              """)
          }
          // As a daemon leaves it: merged, and with a short log.
          #expect(try Holder(stage.database, "SELECT count(*) FROM tasks").checkpoint())
          #expect(try stage.number("SELECT count(*) FROM pages") == Self.texts)
          try await stage.withDaemon { _ in
            let removing = Asker(stage)
            try await removing.go(while: {
              try await stage.control("rm", "many")
              try await stage.waitForRemovals()
            })
            limits.note("rm with texts", removing)
            limits.note(removing.longest("task.set"), as: "longest change of a setting while texts go")
            limits.set("longest change of a setting while texts go", 100)
            #expect(try stage.number("SELECT count(*) FROM page_texts") == 0)
          }
          try await stage.expectSound()
        }
      }
    }
  }
}

/// What a round has measured, and what it may be, in milliseconds.
private final class Limits: @unchecked Sendable {
  private var measured: [(name: String, milliseconds: Double)] = []
  private var limits: [String: Double] = [:]

  /// The longest counts.
  func note(_ time: Duration, as name: String) {
    let milliseconds = (time / .milliseconds(1) * 10).rounded() / 10
    if let place = measured.firstIndex(where: { $0.name == name }) {
      measured[place].milliseconds = max(measured[place].milliseconds, milliseconds)
    } else {
      measured.append((name, milliseconds))
    }
  }

  func set(_ name: String, _ milliseconds: Double) { limits[name] = milliseconds }

  /// Of each thing that was asked, 99 in 100 answers within 50 ms; of one it is only said how long they took.
  func note(_ situation: String, _ user: Asker, unlimited: String? = nil) {
    for method in user.methods {
      let name = "\(situation): p99 of \(user.count(method)) \(method)"
      note(user.percentile(99, method), as: name)
      if method != unlimited { set(name, 50) }
    }
  }

  var exceeded: [String] { measured.filter { $0.milliseconds > limits[$0.name] ?? .infinity }.map(\.name) }

  var sentence: String { measured.map { "\($0.name) \($0.milliseconds) ms" }.joined(separator: "; ") }
}

/// A user who asks one thing after the other, each by a connection of its own, as `crawlctl` does.
private final class Asker: @unchecked Sendable {
  private let stage: Stage
  private var times: [String: [Duration]] = [:]
  private var hasEnded = false

  init(_ stage: Stage) { self.stage = stage }

  @discardableResult
  func ask(_ method: String, _ parameters: String = "{}") async throws -> (reply: String, answered: Instant) {
    let began = Instant.monotonicNow
    let connection = try await stage.loop.connect(to: .unix(path: stage.socket))
    defer { connection.close() }
    try await connection.write(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(parameters)}"# + "\n")
    let reply = String(decoding: try await connection.readLine(limit: 1 << 20) ?? [], as: UTF8.self)
    let answered = Instant.monotonicNow
    #expect(reply.contains(#""result":"#), "\(method): \(reply)")
    times[method, default: []].append(answered - began)
    return (reply, answered)
  }

  /// Asks the usual things, and changes a setting of the task `other`, until `body` has ended.
  func go(while body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { self.hasEnded = true }
        try await body()
      }
      group.addTask {
        var number = 0
        repeat {
          number += 1
          try await self.ask("daemon.status")
          try await self.ask("task.list")
          try await self.ask("task.show", #"{"task":"other"}"#)
          try await self.ask("task.set", #"{"task":"other","settings":{"concurrency":["\#(1 + number % 9)"]}}"#)
          try await self.stage.loop.sleep(for: .milliseconds(5))
        } while !self.hasEnded
      }
      try await group.waitForAll()
    }
  }

  var methods: [String] { times.keys.sorted() }

  func count(_ method: String) -> Int { times[method]?.count ?? 0 }

  func longest(_ method: String) -> Duration { times[method]?.max() ?? .zero }

  /// The time within which so many in a hundred were answered.
  func percentile(_ share: Int, _ method: String) -> Duration {
    let sorted = (times[method] ?? []).sorted()
    return sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, sorted.count * share / 100)]
  }
}
