import EventLoop
import Glibc
import TestWeb
import Testing

extension Stage {
  /// Writes a program and returns its path.
  func program(_ name: String, _ text: String) throws -> String {
    let path = "\(directory)/\(name)"
    try TextFile.write(text, to: path)
    guard chmod(path, 0o755) == 0 else { throw TextFile.WriteError(path: path, code: errno) }
    return path
  }

  /// The configuration of one handler.
  static func handler(_ name: String, _ program: String, _ more: String = "") -> String {
    "[handlers.\(name)]\nprogram = \"\(program)\"\nkinds = [\"filter-url\"]\n\(more)\n"
  }

  /// Returns when a condition holds, which is looked at again after each of the daemon's answers.
  func reached(_ condition: @escaping @Sendable () async throws -> Bool) async throws {
    while try await !condition() { try await control("status") }
  }

  /// Whether a process runs: one that has ended and that nobody waits for does not.
  func isAlive(_ process: String) -> Bool {
    guard let status = TextFile.read("/proc/\(process)/stat"), let name = status.lastIndex(of: ")") else {
      return false
    }
    return !status[name...].hasPrefix(") Z")
  }
}

/// Shell programs: `id` of the call that was read, and an answer that keeps everything.
private let readCall = "read -r line || exit 0; id=${line#*:}; id=${id%%,*}"
private let keepAll = "#!/bin/sh\nwhile :; do \(readCall); echo \"{\\\"id\\\":$id}\"; done\n"

extension EndToEndTests {
  /// Handlers that decide which URLs are offered.
  @Suite struct Filters {
    private static let judging = """
      #!/usr/bin/python3
      import json, sys
      for line in sys.stdin:
          call = json.loads(line)
          answer = {"id": call["id"], "drop": {}, "rewrite": {}}
          for url in call["urls"]:
              if url.endswith("/p/3"): answer["drop"][url] = "three is\\x1b[1m enough"
              if url.endswith("/p/5"): answer["rewrite"][url] = "/p/6#there"
              if url.endswith("/p/7"): answer["rewrite"][url] = "http://elsewhere.test/"
          print(json.dumps(answer), flush=True)
      """

    @Test func urlsAreKeptDroppedAndRewritten() throws {
      try Stage.play(Site(hosts: 1, pages: 30)) { stage in
        try stage.configure(Stage.handler("judge", try stage.program("judge.py", Self.judging)))
        try await stage.withDaemon { _ in
          try await stage.add("judged", ["--handler", "judge"], seeds: [stage.url("/")])
          try await stage.control("wait", "judged", "--for", "done")
          let served = await stage.web.log.pages.map(\.target)
          for page in 0..<30 {
            // What only a page that was dropped or rewritten leads to is not found.
            let isFound = ![3, 5, 7].contains(page) && !(25...29).contains(page)
            #expect(served.contains(stage.site.target(ofPage: page)) == isFound, "\(page)")
          }
          #expect(Set(served).count == served.count)
          let dropped = try await stage.control("why", stage.url("/p/3"))
          #expect(dropped.contains("it is excluded (handler)"), "\(dropped)")
          #expect(dropped.contains("judge: three is\\u{1B}[1m enough"), "\(dropped)")
          #expect(try await stage.control("url", stage.url("/p/3")).contains("judge: three is\\u{1B}[1m enough"))
          let rewritten = try await stage.control("why", stage.url("/p/5"))
          #expect(rewritten.contains("handler judge has \(stage.url("/p/6")) offered instead"), "\(rewritten)")
          #expect(try await stage.control("status").contains("judge: filter-url; 1 process running, 1 started so far"))
        }
        #expect(
          try stage.rows("SELECT url, reason, handler, words FROM v_excluded WHERE reason IN ('handler', 'scope')") == [
            [stage.url("/p/3"), "handler", "judge", "three is\u{1B}[1m enough"],
            ["http://elsewhere.test/", "scope", nil, nil],
          ])
        #expect(try stage.number("SELECT count(*) FROM urls WHERE url LIKE '%/p/5' OR url LIKE '%/p/7'") == 0)
        #expect(try stage.number("SELECT count(*) FROM handler_failures") == 0)
        // The link of the first page leads where the handler said.
        #expect(
          try stage.number(
            "SELECT count(*) FROM v_broken_links") == 0)
        let link =
          "SELECT l.count FROM links l JOIN urls s ON s.id = source_url_id JOIN urls t ON t.id = target_url_id "
        #expect(
          try stage.column(link + "WHERE s.url = '\(stage.url("/"))' AND t.url = '\(stage.url("/p/6"))'") == ["2"])
        try await stage.withDaemon { _ in
          try await stage.control("rm", "judged")
          try await stage.reached { try stage.number("SELECT count(*) FROM tasks") == 0 }
        }
        #expect(try stage.number("SELECT count(*) FROM handler_verdicts") == 0)
        try await stage.expectSound()
      }
    }

    /// The second handler is asked of what the first one let through, of each URL once.
    @Test func handlersAreAskedInTheOrderInWhichTheTaskNamesThem() throws {
      try Stage.play(Site(hosts: 1, pages: 9)) { stage in
        let swap = """
          #!/usr/bin/python3
          import json, sys
          old, new = sys.argv[1:]
          for line in sys.stdin:
              call = json.loads(line)
              assert len(set(call["urls"])) == len(call["urls"])
              print(json.dumps({"id": call["id"], "rewrite": {url: new for url in call["urls"] if url.endswith(old)}}), flush=True)
          """
        let program = try stage.program("swap.py", swap)
        try stage.configure(
          Stage.handler("a", program, "arguments = [\"/p/1\", \"/p/2\"]")
            + Stage.handler("b", program, "arguments = [\"/p/2\", \"/p/1\"]"))
        try await stage.withDaemon { _ in
          for (name, handlers) in [("ab", ["a", "b"]), ("ba", ["b", "a"])] {
            await stage.web.resetLog()
            try await stage.add(name, handlers.flatMap { ["--handler", $0] }, seeds: [stage.url("/")])
            try await stage.control("wait", name, "--for", "done")
            let served = await stage.web.log.pages.map(\.target).filter { ["/p/1", "/p/2"].contains($0) }
            #expect(served == [name == "ab" ? "/p/1" : "/p/2"])
          }
          try await stage.control("add", "--name", "none", "--handler", "c", stage.url("/"), exit: 2)
          // A live task's handlers can be others.
          try await stage.control("add", "--name", "later", "--delay", "0", "--paused", stage.url("/"))
          try await stage.control("set", "later", "handlers=a,b")
          #expect(try await stage.control("show", "later").contains("handlers=a,b\n"))
          await stage.web.resetLog()
          try await stage.control("resume", "later")
          try await stage.control("wait", "later", "--for", "done")
          #expect(await stage.web.log.pages.map(\.target).count == 8)
        }
        #expect(try stage.number("SELECT count(*) FROM handler_failures") == 0)
        try await stage.expectSound()
      }
    }

    /// What handlers do, and the reason that it is called by.
    static let broken: [(name: String, reason: String, text: String)] = [
      ("hangs", "timeout", "\(readCall); sleep 1000"),
      ("never-reads", "timeout", "sleep 1000"),
      ("dies", "ended", "exit 3"),
      ("dies-of-it", "ended", "\(readCall); kill -9 $$"),
      ("closes", "ended", "exec >&-; \(readCall); sleep 1000"),
      ("garbage", "invalid", "\(readCall); head -c 3000 /dev/urandom | base64"),
      ("not-utf-8", "invalid", "\(readCall); printf '{\"id\":%s,\"error\":\"\\377\"}\\n' \"$id\""),
      ("other-id", "invalid", "\(readCall); echo '{\"id\":77}'; sleep 1000"),
      (
        "not-asked", "invalid",
        "\(readCall); echo \"{\\\"id\\\":$id,\\\"drop\\\":{\\\"http://a/\\\":\\\"\\\"}}\"; sleep 1000"
      ),
      (
        "deep", "invalid",
        "\(readCall); printf '{\"id\":%s,\"x\":' \"$id\"; printf '[%.0s' $(seq 70); printf ']%.0s' $(seq 70); echo '}'"
      ),
      ("endless", "too_long", "\(readCall); exec tr '\\0' x </dev/zero"),
      ("says-no", "error", "while :; do \(readCall); echo \"{\\\"id\\\":$id,\\\"error\\\":\\\"not today\\\"}\"; done"),
      ("floods-stderr", "timeout", "\(readCall); yes >&2"),
    ]

    @Test(arguments: broken) func aBrokenHandlerCostsItsOwnResults(name: String, reason: String, text: String) throws {
      try Stage.play(Site(hosts: 2, pages: 12)) { stage in
        try stage.configure(
          Stage.handler("broken", try stage.program("broken.sh", "#!/bin/sh\n\(text)\n"), "timeout = \"400ms\"")
            + Stage.handler("keeps", try stage.program("keeps.sh", keepAll)))
        try await stage.withDaemon { _ in
          try await stage.add("bad", ["--handler", "broken"], seeds: [stage.url("/")])
          try await stage.add("good", ["--handler", "keeps"], seeds: [stage.url("/", host: 1)])
          for task in ["bad", "good"] { try await stage.control("wait", task, "--for", "done") }
          let shown = try await stage.control("show", "bad")
          #expect(shown.contains("broken: ") && shown.contains("calls of filter-url failed (\(reason))"), "\(shown)")
        }
        for task in ["bad", "good"] {
          let pages = "SELECT count(*) FROM urls u JOIN tasks t ON t.id = task_id WHERE u.state = 'done' AND name = "
          #expect(try stage.number(pages + "'\(task)'") == 12)
        }
        let reasons = try Set(stage.column("SELECT reason FROM handler_failures"))
        #expect(reasons.contains(reason) && reasons.subtracting([reason, "unavailable"]).isEmpty, "\(reasons)")
        #expect(
          try stage.number("SELECT count(*) FROM v_handler_failures WHERE task = 'bad' AND url IS NOT NULL") == 12)
        let log = TextFile.read(stage.log) ?? ""
        #expect(log.split(separator: "\n").count < 500)
        try await stage.expectSound()
      }
    }

    @Test func whatAFailureDropsIsSaid() throws {
      try Stage.play(Site(hosts: 1, pages: 5)) { stage in
        let program = try stage.program("no.sh", "#!/bin/sh\nexit 1\n")
        try stage.configure(Stage.handler("no", program, "on_failure = \"drop\""))
        try await stage.withDaemon { _ in
          try await stage.add("t", ["--handler", "no"], seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
        }
        #expect(
          try stage.rows("SELECT DISTINCT reason, words FROM v_excluded WHERE reason <> 'follow'") == [
            ["handler", "the call failed (ended)"]
          ])
        #expect(try stage.number("SELECT count(*) FROM pages") == 1)
        #expect((TextFile.read(stage.log) ?? "").contains("handler no: a call failed (ended): exit status 1"))
      }
    }

    /// What it is asked first does not decide: it drops by the page, and a call that failed says nothing of other pages.
    @Test(arguments: ["answer['drop'] = dict.fromkeys(call['urls'], 'not from here')", "answer['error'] = 'not now'"])
    func whatAHandlerDropsOnOnePageIsVisitedFromAnother(body: String) throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        let program = try stage.python("first", "if call['found_on'].endswith('/first'): \(body)")
        try stage.configure(Stage.handler("first", program, "on_failure = \"drop\""))
        await stage.web.plant(.links(["/x", "/second"]), at: "/first", on: "h0.test")
        await stage.web.plant(.links(["/x"]), at: "/other", on: "h0.test")
        await stage.web.plant(.html("x"), at: "/x", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("t", ["--handler", "first", "--open"], seeds: [stage.url("/first")])
          try await stage.reached {
            try stage.number("SELECT count(*) FROM v_excluded WHERE reason = 'handler' AND words IS NOT NULL") == 2
          }
        }
        try await stage.withDaemon { _ in
          try await stage.control("offer", "t", stage.url("/other"))
          try await stage.control("seal", "t")
          try await stage.control("wait", "t", "--for", "done")
        }
        let asked = await stage.web.log.pages.map(\.target)
        #expect(asked == ["/first", "/other", "/x"])
        #expect(try stage.column("SELECT url FROM v_excluded WHERE reason = 'handler'") == [stage.url("/second")])
        #expect(try stage.column("SELECT url FROM handler_verdicts") == [stage.url("/second")])
        try await stage.expectSound()
      }
    }

    /// While a handler does not answer, its task's pages wait, everybody can see it, and other tasks go on.
    @Test func whoeverWaitsForAHandlerIsSeenAndAlone() throws {
      try Stage.play(Site(hosts: 2, pages: 40)) { stage in
        let gate = "\(stage.directory)/open"
        let slow =
          "#!/bin/sh\nwhile :; do \(readCall); until [ -e \(gate) ]; do sleep 0.05; done; echo \"{\\\"id\\\":$id}\"; done\n"
        try stage.configure(
          Stage.handler("slow", try stage.program("slow.sh", slow), "timeout = \"1h\"\nmax_waiting = 3"))
        try await stage.withDaemon { _ in
          let seeds = (0..<8).map { stage.url("/p/\($0 + 1)") }
          try await stage.add("slow", ["--handler", "slow"], seeds: seeds)
          try await stage.reached {
            try await stage.control("why", "slow").contains("3 visits wait for its handlers, and")
          }
          try await stage.add("good", seeds: [stage.url("/", host: 1)])
          try await stage.control("wait", "good", "--for", "done")
          #expect(try stage.number("SELECT count(*) FROM pages") == 40)
          let why = try await stage.control("why", "slow")
          #expect(why.contains("3 visits wait for its handlers (slow)") && why.contains("max_waiting"), "\(why)")
          let phases = try await stage.control("ps", "slow").split(separator: "\n").dropFirst()
          #expect(phases.count == 3 && phases.allSatisfy { $0.contains("handler") }, "\(phases)")
          // Nothing of them is in flight any more.
          #expect(!why.contains("in flight (crawlctl ps)"), "\(why)")
          let url = try await stage.control("ps", "slow", "--json")[...].text(after: "\"url\":\"").prefix { $0 != "\"" }
          let ofURL = try await stage.control("why", String(url))
          #expect(ofURL.contains("it was fetched, and waits for its task's handlers (slow)"), "\(ofURL)")
          #expect(!ofURL.contains("being fetched"), "\(ofURL)")
          let status = try await stage.control("status")
          #expect(
            status.contains("slow: filter-url; 1 process running, 1 started so far, 3 calls, 0 failed, 2 waiting"),
            "\(status)")
          // A pause lets them end, --now does not wait for them.
          try await stage.control("pause", "slow")
          let pausing = try await stage.control("why", "slow")
          #expect(pausing.contains("it is being paused; what it fetched last waits for its handlers"), "\(pausing)")
          try await stage.control("pause", "slow", "--now")
          try await stage.control("wait", "slow", "--for", "paused")
          // The process is at work on one call, and nobody waits for that or the others any more.
          #expect(try await stage.control("status").contains("3 calls, 0 failed, 0 waiting"))
          try await stage.control("resume", "slow")
          try TextFile.write("", to: gate)
          try await stage.control("wait", "slow", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 80)
        try await stage.expectSound()
      }
    }

    @Test func theWholeGroupOfAHandlerEndsWithIt() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        let pids = "\(stage.directory)/pids"
        // Each of them has a child that would outlive it; the first ignores that it is to end.
        let text = "#!/bin/sh\nsleep 1000 & echo $! $$ >> \(pids)\n"
        let stubborn = "trap '' TERM; \(readCall); while :; do sleep 1; done\n"
        try stage.configure(
          Stage.handler("hangs", try stage.program("hangs.sh", text + stubborn), "timeout = \"200ms\"")
            + Stage.handler("keeps", try stage.program("keeps.sh", text + keepAll.split(separator: "\n")[1])))
        try await stage.withDaemon { daemon in
          try await stage.add("t", ["--handler", "keeps", "--handler", "hangs"], seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
          let known = (TextFile.read(pids) ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
          #expect(known.contains(where: stage.isAlive), "the one that keeps")
          try await stage.add("stuck", ["--handler", "hangs"], seeds: [stage.url("/")])
        }
        let known = (TextFile.read(pids) ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(known.count >= 4 && !known.contains(where: stage.isAlive), "\(known)")
        try await stage.expectSound()
      }
    }

    @Test func aKillLosesAndDoublesNothing() throws {
      try Stage.play(Site(hosts: 1, pages: 60)) { stage in
        let pids = "\(stage.directory)/pids"
        let slow =
          "#!/bin/sh\necho $$ >> \(pids)\nwhile :; do \(readCall); sleep 0.02; echo \"{\\\"id\\\":$id}\"; done\n"
        try stage.configure(Stage.handler("slow", try stage.program("slow.sh", slow), "max_waiting = 4"))
        for pages in [10, 30] {
          try await stage.withDaemon { daemon in
            if pages == 10 { try await stage.add("t", ["--handler", "slow"], seeds: [stage.url("/")]) }
            try await stage.reached { try stage.number("SELECT count(*) FROM pages") >= pages }
            try await daemon.kill()
          }
        }
        try await stage.withDaemon { _ in try await stage.control("wait", "t", "--for", "done") }
        // Twice what was in flight, waited, or was not committed yet.
        try await stage.expectComplete(hosts: [0], repeated: 0...20)
        #expect(try stage.number("SELECT count(*) FROM handler_failures") == 0)
        let known = (TextFile.read(pids) ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(known.count == 3)
        while known.contains(where: stage.isAlive) { await Task.yield() }
      }
    }

    /// Even one that would never look at its input again.
    @Test func aHandlerEndsWithADaemonThatIsKilled() throws {
      try Stage.play { stage in
        let pid = "\(stage.directory)/pid"
        let text = "#!/bin/sh\ntrap '' TERM HUP\necho $$ >\(pid)\nexec sleep 1000\n"
        try stage.configure(Stage.handler("deaf", try stage.program("deaf.sh", text), "timeout = \"1h\""))
        try await stage.withDaemon { daemon in
          try await stage.add("t", ["--handler", "deaf"], seeds: [stage.url("/")])
          try await stage.reached { (TextFile.read(pid) ?? "").hasSuffix("\n") }
          try await daemon.kill()
        }
        let process = (TextFile.read(pid) ?? "").filter { $0 != "\n" }
        while stage.isAlive(process) { await Task.yield() }
        #expect(Int32(process) != nil)
      }
    }

    @Test func aHandlerThatIsNoneStopsTheDaemon() throws {
      try Stage.play { stage in
        let program = try stage.program("keeps.sh", keepAll)
        try TextFile.write("", to: "\(stage.directory)/file")
        for (lines, part) in [
          ("kinds = [\"filter-url\"]", "handlers.h: lacks program"),
          ("program = \"keeps.sh\"\nkinds = [\"filter-url\"]", "handlers.h.program: is not accepted"),
          ("program = \"/nowhere\"\nkinds = [\"filter-url\"]", "handlers.h.program: /nowhere can't be run"),
          ("program = \"\(stage.directory)/file\"\nkinds = [\"filter-url\"]", "file can't be run"),
          ("program = \"\(stage.directory)\"\nkinds = [\"filter-url\"]", "can't be run"),
          ("program = \"\(program)\"", "handlers.h: lacks kinds"),
          (
            "program = \"\(program)\"\nkinds = [\"on-tuesday\"]", "handlers.h.kinds: has “on-tuesday”, which is no kind"
          ),
          (
            "program = \"\(program)\"\nkinds = [\"filter-url\"]\ntimeout = \"1ms\"",
            "handlers.h.timeout: is out of range"
          ),
          (
            "program = \"\(program)\"\nkinds = [\"filter-url\"]\nprocesses = 0", "handlers.h.processes: is out of range"
          ),
          ("program = \"\(program)\"\nkinds = [\"filter-url\"]\nshell = true", "handlers.h.shell: unknown key"),
        ] {
          try stage.replaceConfiguration("[handlers.h]\n" + lines)
          let ended = try await stage.failingDaemon()
          #expect(ended.code == 2 && ended.errors.contains(part), "\(ended)")
        }
        try stage.configure(Stage.handler("h", program))
        try await stage.withDaemon { _ in
          try stage.configure(Stage.handler("h", program, "processes = 2"))
          let reloaded = try await stage.control("reload")
          #expect(reloaded.contains("from the next start: handlers.h.processes"), "\(reloaded)")
          try await stage.control("add", "--name", "t", "--handler", "h", "--paused", stage.url("/"))
          try await stage.control("resume", "t")
          try await stage.control("wait", "t", "--for", "done")
        }
      }
    }

    /// The program in config/handlers, as it stands there.
    @Test func theExampleInShellKeepsItsLanguages() throws {
      try Stage.play { stage in
        let page = "<a href=/en/a>a</a><a href=/fr/>b</a><a href=/de/c>c</a><a href=/frame>d</a>"
        await stage.web.plant(.html(page), at: "/", on: "h0.test")
        let path = Stage.checkout("config/handlers/drop-languages.sh")
        try stage.configure(Stage.handler("languages", path, "arguments = [\"en\", \"de\"]"))
        try await stage.withDaemon { _ in
          try await stage.add("t", ["--handler", "languages"], seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
        }
        #expect(
          try stage.rows("SELECT url, handler, words FROM v_excluded")
            == [[stage.url("/fr/"), "languages", "another language"]])
        #expect(try stage.number("SELECT count(*) FROM urls WHERE state = 'done'") == 4)
        #expect(try stage.number("SELECT count(*) FROM handler_failures") == 0)
      }
    }
  }
}
