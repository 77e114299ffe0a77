import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// What people read of each verb, on no terminal: its headline and what stands below.
  @Suite struct Reading {
    @Test func everyVerbSaysWhatIsMeant() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        let reader = Reader(stage)
        try await Self.readOffline(reader)
        try await stage.withDaemon { _ in
          try await Self.readOfACrawl(reader, stage)
          try await Self.readInTheMiddle(reader, stage)
          try await Self.readSteering(reader, stage)
          try await reader.read(["status"], "crawld *, protocol 1, process *", "tasks *finished 2*", "limits bodies *")
          try await reader.read(["reload"], "*")
          try await reader.read(["shutdown"], "crawld (process *) has stopped")
        }
        let help = try await stage.loop.run(Programs.crawlctl, ["shapes", "--json"]).output
        let verbs = try help.split(separator: "\n").compactMap { try JSONText(String($0))["title"]?.string }
        let named = Set(verbs.map { String($0.split(separator: " ")[1]) })
        #expect(named.count > 30 && named.subtracting(reader.verbs) == [], "nobody has read them")
      }
    }

    private static func readOffline(_ reader: Reader) async throws {
      try await reader.read(
        ["shapes", "backup"], socket: false, "Version 1.*", "verb options line meaning", "backup Copy *",
        "Copy bytes integer bytes *")
      try await reader.read(["completions", "bash"], socket: false, "*shapes*")
      try await reader.read(["check", "url", "http://h.example/"], socket: false, #"{*"href":"http://h.example/"*}"#)
    }

    private static func readOfACrawl(_ reader: Reader, _ stage: Stage) async throws {
      let (start, nowhere) = (stage.url("/"), "http://nowhere.test/")
      let settings = ["--delay", "0", "--store", "all"]
      try await reader.read(
        ["add", "--name", "docs", "--paused"] + settings + [start, nowhere], "ID NAME STATE SEEDS",
        "1 docs paused(user) 2")
      try await reader.read(["resume", "docs"], "ID NAME FROM TO", "1 docs paused *")
      try await reader.read(["wait", "docs"], "ID NAME STATE", "1 docs finished")
      try await reader.read(
        ["ls"], "ID NAME STATE FETCHED OK% QUEUED RATE BYTES AGE", "1 docs finished 3 100.0% 0 0.0/s * *")
      try await reader.read(
        ["show", "docs"], "task 1 docs", "state finished", "possible now retry rm", "elapsed *",
        "fetched 3 final answers (100.0% ok) in 5 fetches, *", "failed robots_unreachable 1",
        "in vain 1 URL failed (crawlctl retry 1 --socket *)", "seeds \(start)", "settings delay=0s",
        "LAST ERRORS AGE URL ERROR", "dns_not_found * http://nowhere.test:80/robots.txt *")
      try await reader.read(
        ["run", "--name", "few", "--depth", "0", "--delay", "0", start], "task 2 few: finished after *",
        "fetched 1 page (100.0% ok), *", "query it crawlctl query *")
      try await reader.read(
        ["diff", "docs", "few"], "change url status redirect_to was_title title", "missing \(start)p/1 *")
      try await reader.read(["why", "docs"], "task docs: finished", "it is finished: *", "last error: dns_not_found *")
      try await reader.read(["why", "h0.test"], "host http://h0.test:*", "*: 0 of * fetches in flight, *")
      try await reader.read(["why", nowhere], "url \(nowhere)*", "task docs: it failed: *")
      try await reader.read(
        ["url", start, "--task", "docs"], "url \(start)", "task 1 docs", "state done", "outcome ok, status 200, *",
        "body * B", "title Page 0 of host 0")
      try await reader.read(["query", "SELECT count(*) AS pages FROM v_pages WHERE task = 'docs'"], "pages", "3")
      try await reader.read(
        ["query", "--schema"], "table kind column type meaning", "tasks table id INTEGER number of the task")
      try await reader.read(["search", "page"], "task url title snippet", "docs \(start)* Page * of host 0 *")
      let file = "\(stage.directory)/pages.jsonl"
      try await reader.read(["export", "few", "-o", file], "\(file): 1 page, * B")
      try await reader.read(
        ["export", "few", "--rows", "fetches", "--format", "csv"], "task,url,robots,attempt,*", "few,\(start),0,1,*")
      try await reader.read(["backup", "\(stage.directory)/copy.db"], "*/copy.db: *, a copy of \(stage.database)")
      try await reader.read(["doctor"], "*/crawl.db is in order: 2 tasks, * URLs, * fetches, 4 pages")
      try await reader.read(["retry", "docs"], "ID NAME FROM TO URLS", "1 docs finished * 1")
      try await stage.control("wait", "docs")
    }

    private static func readInTheMiddle(_ reader: Reader, _ stage: Stage) async throws {
      let held = stage.url(Fault.slowFirstByte.target)
      try await stage.add("held", seeds: [held])
      try await stage.web.waitForHolds(1)
      try await reader.read(["ps"], "TASK HOST PHASE IN PHASE AGE BYTES URL", "held h0.test request sent * 0 B \(held)")
      try await reader.read(["ps", "--all"], "ID WAITS FOR WAITED AGE COROUTINE", "* request sent * \(held)")
      try await reader.read(
        ["hosts"], "HOST READY IN FLIGHT DELAY NEXT ROBOTS BLOCKED", "http://h0.test:* 0 1 0 s (task 3) * known")
      try await reader.read(
        ["top"], "crawld *", "1 fetch *1 URL known", "3 held running *", "held h0.test request sent *")
      try await reader.read(["block", "h0.test", "--for", "1h"], "HOST BLOCKED", "http://h0.test:* until * (in *m *s)")
      try await reader.read(["hosts"], "HOST READY *", "http://h0.test:* known user * (in *)")
      try await reader.read(["unblock", "h0.test"], "HOST BLOCKED", "http://h0.test:* no")
      try await reader.read(
        ["set", "--host", "h0.test", "delay=1s"], "HOST DELAY CONCURRENCY BUDGET", "http://h0.test:* 1 s none none")
      try await reader.read(["set", "--host", "h0.test", "delay=none"], "HOST *", "http://h0.test:* none none none")
      try await reader.read(["set", "held", "delay=2s"], "SETTING FROM TO", "delay 0s 2s")
      try await reader.read(["pause", "held"], "ID NAME FROM TO", "3 held running paus*")
      await stage.web.release()
      try await stage.control("wait", "held", "--for", "paused")
      try await reader.read(["cancel", "held"], "ID NAME FROM TO", "3 held * cancel*")
      try await reader.read(["wait", "held"], exit: 12, "ID NAME STATE", "3 held cancelled(user)")
      try await reader.read(["rm", "held"], "ID NAME FROM TO", "3 held cancelled removing")
    }

    private static func readSteering(_ reader: Reader, _ stage: Stage) async throws {
      try await stage.control("add", "--name", "feed", "--open", "--paused")
      try await reader.read(
        ["offer", "feed", stage.url("/p/2"), "mailto:x"], exit: 8, "ID NAME NEW EXCLUDED KNOWN INVALID",
        "4 feed 1 0 0 1")
      try await reader.read(["seal", "feed"], "ID NAME FROM TO", "4 feed paused paused")
      let (line, _) = try await stage.following(["events", "--limit", "1"]) { events in
        _ = try await events.diagnostic()
        try await stage.control("cancel", "feed")
        return try await events.line()
      }
      reader.note("events", [try #require(line)], ["20*Z task feed cancel paused → cancelling (user) by uid *"])
      try await stage.control(["wait", "feed"], exit: 12)
      try await stage.control("rm", "feed")
      try await stage.waitForRemovals()
    }
  }
}

/// Reads what verbs say, with blanks as one. Belongs to the loop's thread.
private final class Reader: @unchecked Sendable {
  private let stage: Stage
  private(set) var verbs: Set<String> = []

  init(_ stage: Stage) { self.stage = stage }

  /// Runs a verb; each pattern (`*`: any letters) has to fit a line, in this order.
  func read(_ arguments: [String], socket: Bool = true, exit code: Int32 = 0, _ patterns: String...) async throws {
    let ended = try await stage.loop.run(
      Programs.crawlctl, arguments + (socket ? ["--socket", stage.socket] : []))
    guard ended.code == code else { throw UnexpectedExit(arguments: arguments, ended: ended) }
    note(arguments[0], ended.output.split(separator: "\n").map(String.init), patterns)
  }

  func note(_ verb: String, _ lines: [String], _ patterns: [String]) {
    verbs.insert(verb)
    let lines = lines.map { $0.split(separator: " ").joined(separator: " ") }
    var rest = lines[...]
    for pattern in patterns {
      guard let place = rest.firstIndex(where: { fnmatch(pattern, $0, FNM_NOESCAPE) == 0 }) else {
        Issue.record("\(verb) says nothing like “\(pattern)”, but\n\(lines.joined(separator: "\n"))")
        return
      }
      rest = rest[(place + 1)...]
    }
  }
}
