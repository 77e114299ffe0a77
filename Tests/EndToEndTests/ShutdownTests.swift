import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// The daemon is told to stop: in the middle of many fetches, with bodies to read, at its start, among requests of its
  /// users. `scripts/soak shutdown` has more of each, and measures how long it takes.
  @Suite struct Shutdown {
    private static let rounds = Soak.number("SHUTDOWN_ROUNDS", usual: 1)
    /// In seconds; the configuration's.
    private static let grace = 2

    /// Plays until one round was within the limit, at most as often as `scripts/soak` asks; `scripts/test` measures
    /// nothing and plays once.
    private static func best(
      _ what: String, limit: Double, _ play: (_ measured: Measurement) throws -> Void
    ) throws {
      var best = Double.infinity
      for _ in 0..<rounds where best > limit {
        let measured = Measurement()
        try play(measured)
        best = min(best, measured.longest)
        if rounds > 1 { Soak.say("\(what): \(Int(1_000 * measured.longest)) ms") }
      }
      if rounds > 1 { #expect(best <= limit, "seconds until the end of the daemon: \(what)") }
    }

    // MARK: Many fetches in flight

    /// Half of the pages come after the signal, and count. The others never end; they are given up with the grace, and
    /// fetched again by the next daemon.
    @Test func theGraceIsForFetchesThatEnd() throws {
      let crowd = Crowd()
      try Self.best("TERM, \(crowd.count) in flight, grace \(Self.grace) s", limit: Double(Self.grace) + 1) {
        measured in
        try Stage.play(crowd.site, limit: .seconds(300)) { stage in
          try stage.replaceConfiguration("[daemon]\nshutdown_grace = \"\(Self.grace)s\"\n")
          let (_, status) = try await stage.withDaemon { daemon in
            try await crowd.begin(stage)
            try await measured.end(of: daemon.process) {
              try daemon.process.send(signal: SIGTERM)
              await stage.web.release()
            }
          }
          #expect(status.isSuccess)
          try await stage.expectSound()
          let short = crowd.count / 2
          #expect(try stage.number("SELECT count(*) FROM urls WHERE state = 'done'") == short)
          #expect(try stage.number("SELECT count(*) FROM urls WHERE state = 'ready'") == crowd.count - short)
          try await crowd.finish(stage, again: crowd.count - short)
        }
      }
    }

    @Test(arguments: ["a second signal", "shutdown --now", "shutdown, and a signal", "shutdown, and shutdown --now"])
    func atOnceEverythingIsGivenUp(_ manner: String) throws {
      let crowd = Crowd()
      try Self.best("\(manner), \(crowd.count) in flight", limit: 1) { measured in
        try Stage.play(crowd.site, limit: .seconds(300)) { stage in
          try stage.replaceConfiguration("[daemon]\nshutdown_grace = \"600s\"\n")
          let (_, status) = try await stage.withDaemon { daemon in
            try await crowd.begin(stage)
            switch manner {
            case "shutdown --now":
              try await measured.end(of: daemon.process) { try await stage.control("shutdown", "--now") }
            case "shutdown, and a signal":
              async let answer = stage.control("shutdown")
              try await daemon.waitUntilStopping()
              try await measured.end(of: daemon.process) { try daemon.process.send(signal: SIGTERM) }
              #expect(try await answer.contains("has stopped"))
            case "shutdown, and shutdown --now":
              async let answer = stage.control("shutdown")
              try await daemon.waitUntilStopping()
              // It tells how it is, and takes nothing that it could not keep.
              #expect(try await stage.control("status").contains(" in flight, "))
              let refused = try await stage.crawlctl(["pause", "--all"])
              #expect(refused.code == 3 && refused.errors.contains("the daemon is stopping"), "\(refused)")
              try await measured.end(of: daemon.process) { try await stage.control("shutdown", "--now") }
              #expect(try await answer.contains("has stopped"))
            default:
              try daemon.process.send(signal: SIGINT)
              try await daemon.waitUntilStopping()
              try await measured.end(of: daemon.process) { try daemon.process.send(signal: SIGTERM) }
            }
          }
          #expect(status.isSuccess)
          try await stage.expectSound()
          #expect(try stage.number("SELECT count(*) FROM urls WHERE state = 'ready'") == crowd.count)
          await stage.web.release()
          try await crowd.finish(stage, again: crowd.count)
        }
      }
    }

    /// Bodies that are in and not read yet are no reason to stay.
    @Test func bodiesThatWaitToBeReadAreDropped() throws {
      let pages = 24
      try Self.best("a second signal, \(pages) pages of 9 MiB to read", limit: 1) { measured in
        try Stage.play(Site(hosts: 1, pages: 1)) { stage in
          let links = (0..<1_000).map { "<p><a href=\"/q/\($0)\">\($0)</a> some &amp; words</p>\n" }.joined()
          let filler = String(repeating: "<div><p>A <b>few</b> words &amp; more.</div>\n", count: 200_000)
          await stage.web.setScript { _, target, _ in
            target.hasPrefix("/large/") ? [.send(Response.html("<title>\(target)</title>" + links + filler))] : nil
          }
          try stage.replaceConfiguration("[daemon]\nshutdown_grace = \"600s\"\n")
          let (_, status) = try await stage.withDaemon { daemon in
            try await stage.control(
              ["add", "--name", "large", "--delay", "0", "--concurrency", "\(pages)", "--depth", "0"]
                + (0..<pages).map { stage.url("/large/\($0)") })
            try await stage.web.waitForAnswers(pages + 1)
            try daemon.process.send(signal: SIGTERM)
            try await daemon.waitUntilStopping()
            try await measured.end(of: daemon.process) { try daemon.process.send(signal: SIGTERM) }
          }
          #expect(status.isSuccess)
          try await stage.expectSound()
          let done = try stage.number("SELECT count(*) FROM urls WHERE state = 'done'")
          #expect(try stage.number("SELECT count(*) FROM pages") == done)
          try await stage.withDaemon { _ in try await stage.control("wait", "large", "--for", "done") }
          #expect(try stage.number("SELECT count(*) FROM urls WHERE state = 'done'") == pages)
          #expect(try stage.number("SELECT count(*) FROM links WHERE kind = 'a'") == 1_000 * pages)
          #expect(await stage.web.log.pages.reduce(0) { count, _ in count + 1 } == 2 * pages - done)
          try await stage.expectSound()
        }
      }
    }

    /// Who reads the database keeps no daemon from its end.
    @Test func aReaderHoldsNothingUp() throws {
      try Self.best("TERM while a reader holds a snapshot", limit: 1) { measured in
        try Stage.play(Site(hosts: 1, pages: 50)) { stage in
          let (_, status) = try await stage.withDaemon { daemon in
            try await stage.add("read", seeds: [stage.url("/")])
            try await stage.web.waitForRequests(20)
            let reader = try Holder(stage.database, "BEGIN; SELECT count(*) FROM urls")
            try await stage.control("wait", "read", "--for", "done")
            try await measured.end(of: daemon.process) { try daemon.process.send(signal: SIGTERM) }
            withExtendedLifetime(reader) {}
          }
          #expect(status.isSuccess)
          try await stage.expectComplete(hosts: [0])
        }
      }
    }

    // MARK: Before it is ready

    /// Somebody else writes to the database, so that the daemon cannot become ready: it ends nevertheless.
    @Test(arguments: [SIGTERM, SIGINT]) func aSignalAtTheStartEndsItAtOnce(_ signal: Int32) throws {
      try Stage.play(Site(hosts: 2, pages: 20)) { stage in
        let seeds = [stage.url("/"), stage.url("/", host: 1)]
        try await stage.withDaemon { _ in try await stage.add("early", ["--paused"], seeds: seeds) }
        let holder = try Holder(stage.database, "BEGIN IMMEDIATE")
        let status = try await stage.withLoneDaemon { daemon in
          #expect(try await daemon.waitForLine("starts: data ") != nil)
          try daemon.process.send(signal: signal)
          #expect(try await daemon.waitForLine("stopped before it was ready") != nil)
        }
        #expect(status.isSuccess)
        #expect(access(stage.socket, F_OK) != 0)
        holder.close()
        try await stage.expectSound()
        try await stage.withDaemon { _ in
          try await stage.control("resume", "early")
          try await stage.control("wait", "early", "--for", "done")
        }
        try await stage.expectComplete(hosts: [0, 1])
      }
    }

    /// Tasks with many seeds, each on a host of its own: daemons that are stopped while they take them up, and as soon as
    /// they are ready, lose none.
    @Test func aSignalWhileMuchIsTakenUp() throws {
      let hosts = Soak.number("SHUTDOWN_HOSTS", usual: 500)
      let tasks = 4
      let starts = Soak.number("SHUTDOWN_STARTS", usual: 2)
      let longest = Measurement()
      try Stage.play(Site(hosts: 1, pages: 1), limit: .seconds(900)) { stage in
        try stage.replaceConfiguration("[daemon]\nshutdown_grace = \"\(Self.grace)s\"\n[robots]\nwindow = \"1h\"\n")
        // Nobody listens at any of them.
        var names = await stage.web.hostsFile
        for host in 0..<tasks * hosts { names.add("k\(host).test", at: "127.0.9.252") }
        try TextFile.write(names.text, to: stage.hostsFile)
        try await stage.withDaemon { _ in
          for task in 0..<tasks {
            let seeds = "\(stage.directory)/seeds"
            let urls = (0..<hosts).map { stage.url("/", on: "k\(task * hosts + $0).test") }
            try TextFile.write(urls.joined(separator: "\n") + "\n", to: seeds)
            try await stage.control("add", "--name", "many-\(task)", "--paused", "--file", seeds)
          }
        }
        for round in ["paused", "running"] {
          if round == "running" { try await stage.withDaemon { _ in try await stage.control("resume", "--all") } }
          for start in 0..<starts {
            let step = Soak.number("SHUTDOWN_STEP", usual: 0)
            let status = try await stage.withLoneDaemon { daemon in
              // Without steps it is before anything is read, then when all is.
              #expect(try await daemon.waitForLine(step > 0 || start % 2 == 0 ? "starts: data " : "is ready: ") != nil)
              if step > 0 { try await stage.loop.sleep(for: .milliseconds(start * step)) }
              try await longest.end(of: daemon.process) { try daemon.process.send(signal: SIGTERM) }
            }
            #expect(status.isSuccess)
            #expect(try stage.number("SELECT count(*) FROM urls") == tasks * hosts)
            #expect(try stage.number("SELECT count(*) FROM hosts") == tasks * hosts)
            #expect(try stage.number("SELECT count(*) FROM tasks WHERE state = '\(round)'") == tasks)
          }
          try await stage.expectSound()
        }
        if Self.rounds > 1 {
          Soak.say(
            "TERM at \(2 * starts) moments of the start, \(tasks * hosts) hosts known: at most "
              + "\(Int(1_000 * longest.longest)) ms")
          #expect(longest.longest <= Double(Self.grace) + 1, "seconds until the end of the daemon")
        }
      }
    }

    // MARK: Among requests

    /// Users go on asking, pausing and adding while the daemon ends.
    @Test func requestsGoOnMeanwhile() throws {
      try Stage.play(Site(hosts: 4, pages: 200)) { stage in
        let answered = Tally()
        let (_, status) = try await stage.withDaemon { daemon in
          let seeds = (0..<4).map { stage.url("/", host: $0) }
          try await stage.add("asked", seeds: seeds)
          try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<8 {
              group.addTask { await stage.ask(client, answered) }
            }
            try await stage.web.waitForRequests(100)
            try daemon.process.send(signal: SIGTERM)
            try await group.waitForAll()
          }
          _ = try await daemon.process.waitForExit()
        }
        #expect(status.isSuccess)
        #expect(answered.value > 0)
        try await stage.expectSound()
        try await stage.withDaemon { _ in
          _ = try await stage.crawlctl(["resume", "asked"])
          try await stage.control("wait", "asked", "--for", "done")
        }
        #expect(Set(try stage.column("SELECT url FROM urls WHERE state = 'done' AND task_id = 1")) == stage.site.urls())
        try await stage.expectSound()
      }
    }
  }
}

/// Pages on ten hosts that are all in flight at once: half of them until they are released, half of them for ever. When they
/// are asked for again they come at once.
private struct Crowd: Sendable {
  /// A multiple of 20.
  let count = Soak.number("SHUTDOWN_IN_FLIGHT", usual: 400) / 20 * 20
  let site = Site(hosts: 10, pages: 1)

  func begin(_ stage: Stage) async throws {
    await stage.web.setScript { _, target, visit in
      let page = WireStep.send(Response.html("<!doctype html><title>\(target)</title>"))
      switch (target.prefix(3), visit) {
      case ("/e/", 1): return [.hold, page]
      case ("/n/", 1):
        return [
          .send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"), .trickleForever([0x20], every: .seconds(1)),
        ]
      case ("/e/", _), ("/n/", _): return [page]
      default: return nil
      }
    }
    let urls = (0..<count / 2).flatMap { number in
      ["/e/", "/n/"].map { stage.url("\($0)\(number)", host: number % site.hosts) }
    }
    try await stage.control(
      ["add", "--name", "crowd", "--delay", "0", "--concurrency", "1000", "--depth", "0"] + urls)
    try await stage.web.waitForRequests(site.hosts + count)
    try await stage.web.waitForHolds(count / 2)
  }

  /// Another daemon brings the crawl to its end; `again` of the pages have to be asked for a second time, the others not.
  func finish(_ stage: Stage, again: Int) async throws {
    try await stage.withDaemon { _ in try await stage.control("wait", "crowd", "--for", "done") }
    #expect(try stage.number("SELECT count(*) FROM urls WHERE state = 'done'") == count)
    #expect(try stage.number("SELECT count(*) FROM pages") == count)
    #expect(try stage.number("SELECT count(DISTINCT url_id) FROM fetches WHERE outcome = 'ok'") == count)
    #expect(try stage.number("SELECT count(*) FROM fetches WHERE url_id IS NOT NULL") == count)
    let requests = Dictionary(grouping: await stage.web.log.pages) { "\($0.host)\($0.target)" }.mapValues(\.count)
    #expect(requests.count == count)
    #expect(requests.values.reduce(0) { $0 + ($1 == 2 ? 1 : 0) } == again)
    #expect(requests.values.max() ?? 0 <= 2)
    try await stage.expectSound()
  }
}

/// How long daemons took to end, in seconds: the longest.
private final class Measurement: @unchecked Sendable {
  private(set) var longest = 0.0

  /// From what makes it end to its end.
  func end(of process: ChildProcess, _ tell: @Sendable () async throws -> Void) async throws {
    let began = Instant.monotonicNow
    try await tell()
    _ = try await process.waitForExit()
    longest = max(longest, (Instant.monotonicNow - began) / .seconds(1))
  }
}

private final class Tally: @unchecked Sendable {
  var value = 0
}

extension Stage {
  /// Asks one thing after the other until the daemon is gone.
  fileprivate func ask(_ client: Int, _ answered: Tally) async {
    let questions = [
      #""task.pause","params":{"tasks":["asked"]}"#, #""task.resume","params":{"tasks":["asked"]}"#,
      #""task.set","params":{"task":"asked","settings":{"concurrency":"\#(2 + client)"}}"#, #""task.list""#,
      #""task.add","params":{"name":"more-NUMBER","seeds":["\#(url("/"))"],"settings":{"delay":"0"}}"#,
      #""task.show","params":{"task":"asked"}"#,
      #""task.retry","params":{"tasks":["asked"]}"#, #""host.list""#, #""coroutine.list""#, #""daemon.status""#,
      #""task.why","params":{"subject":"asked"}"#, #""url.show","params":{"url":"\#(url("/"))"}"#,
      #""daemon.reload""#, #""task.wait","params":{"task":"asked","timeout_ms":5}"#,
    ]
    guard let connection = try? await loop.connect(to: .unix(path: socket)) else { return }
    defer { connection.close() }
    var number = 0
    while true {
      number += 1
      let question = questions[(number + client) % questions.count]
        .split(separator: "NUMBER", omittingEmptySubsequences: false).joined(separator: "\(client)-\(number)")
      let line = #"{"jsonrpc":"2.0","id":\#(number),"method":\#(question)}"#
      do {
        try await connection.write(line + "\n")
        guard let reply = try await connection.readLine(limit: 1 << 24) else { return }
        #expect(String(decoding: reply, as: UTF8.self).contains(#""id":\#(number)"#))
        answered.value += 1
      } catch {
        return
      }
    }
  }
}
