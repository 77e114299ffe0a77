import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// What handlers may hold of the daemon, and how often their programs are started.
  @Suite struct HandlerLimits {
    private static let readCall = "read -r line || exit 0; id=${line#*:}; id=${id%%,*}"
    private static let keepAll = "echo \"{\\\"id\\\":$id}\""

    /// Pages of some 55 kB of links and anchors: three of them are more than a task's pages may hold that wait.
    @Test func whatWaitsForAHandlerIsBoundedByBytes() throws {
      try Stage.play(Site(hosts: 2, pages: 20)) { stage in
        let links = (0..<150).map { "/left/\(String(repeating: "x", count: 80))/\($0)" }
        for page in 1...8 { await stage.web.plant(.links(links), at: "/p/\(page)", on: "h0.test") }
        let gate = "\(stage.directory)/open"
        let slow =
          "#!/bin/sh\nwhile :; do \(Self.readCall); until [ -e \(gate) ]; do sleep 0.05; done; \(Self.keepAll); done\n"
        try stage.configure(
          Stage.handler("slow", try stage.program("slow.sh", slow), "timeout = \"1h\"\nmax_waiting_bytes = \"140kB\""))
        try await stage.withDaemon { _ in
          try await stage.add(
            "slow", ["--handler", "slow", "--concurrency", "1", "--depth", "0"],
            seeds: (1...8).map { stage.url("/p/\($0)") })
          try await stage.reached { try await stage.control("why", "slow").contains("max_waiting_bytes") }
          try await stage.add("good", seeds: [stage.url("/", host: 1)])
          try await stage.control("wait", "good", "--for", "done")
          // The fourth was in flight when the third began to wait.
          let requests = await stage.web.log.pages.count { $0.host == "h0.test" }
          #expect([3, 4].contains(requests), "\(requests)")
          try TextFile.write("", to: gate)
          try await stage.control("wait", "slow", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 28)
        try await stage.expectSound()
      }
    }

    /// What is asked in one call, and what is answered, are both bounded: the second must not be too little for the first.
    @Test func allThatACallNamesCanBeRewritten() throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        let body = "answer['rewrite'] = {url: url + '&utm=none' for url in call['urls']}"
        try stage.configure(Stage.handler("long", stage.python("long", body)))
        let links = (0..<1_000).map { "/\(String(repeating: "x", count: 520))?\($0)" }
        await stage.web.plant(.links(links), at: "/links", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("t", ["--handler", "long", "--depth", "0"], seeds: [stage.url("/links")])
          try await stage.control("wait", "t", "--for", "done")
        }
        #expect(try stage.column("SELECT detail FROM handler_failures") == [])
        #expect(try stage.number("SELECT count(*) FROM urls WHERE url LIKE '%&utm=none' AND reason = 'depth'") == 1_000)
        try await stage.expectSound()
      }
    }

    /// A program for one call: it is started ten times a second, and nothing of what it said is lost.
    @Test func aProgramThatEndsAfterEachAnswerIsNotStartedInALoop() throws {
      try Stage.play(Site(hosts: 1, pages: 20)) { stage in
        let starts = "\(stage.directory)/starts"
        let once = "#!/bin/sh\ndate +%s%N >>\(starts)\n\(Self.readCall); \(Self.keepAll)\n"
        try stage.configure(Stage.handler("once", try stage.program("once.sh", once)))
        try await stage.withDaemon { _ in
          try await stage.add("t", ["--handler", "once"], seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
        }
        try await stage.expectComplete(hosts: [0])
        #expect(try stage.column("SELECT detail FROM handler_failures") == [])
        let times = (TextFile.read(starts) ?? "").split(separator: "\n").compactMap { Int($0) }
        #expect(times.count >= 20)
        #expect((times.last ?? 0) - (times.first ?? 0) > (times.count - 1) * 85_000_000)
      }
    }

    /// What it has started holds its output, and would for long.
    @Test func aProgramThatEndsIsNoticedWhateverItLeavesBehind() throws {
      try Stage.play(Site(hosts: 1, pages: 12)) { stage in
        let fifo = "\(stage.directory)/fifo"
        try #require(mkfifo(fifo, 0o600) == 0)
        let opened = open(fifo, O_RDWR)
        defer { close(opened) }
        let starts = "\(stage.directory)/starts"
        // The answer comes when what is left behind has left the group.
        let leaves = """
          #!/bin/sh
          exec 3<&0
          \(Self.readCall)
          setsid sh -c 'echo x >>\(starts).$1; exec cat \(fifo)' - $$ <&3 2>/dev/null &
          until [ -e \(starts).$$ ]; do sleep 0.01; done
          \(Self.keepAll)
          """
        try stage.configure(Stage.handler("leaves", try stage.program("leaves.sh", leaves)))
        try await stage.withDaemon { _ in
          try await stage.add("t", ["--handler", "leaves"], seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
        }
        try await stage.expectComplete(hosts: [0])
        #expect(try stage.column("SELECT detail FROM handler_failures") == [])
      }
    }

    /// Two of five processes die of each of two pages, since a call is made once more: the fifth, which is free, is asked next,
    /// and no other is started.
    @Test func aCallGoesToAProcessThatRuns() throws {
      try Stage.play { stage in
        let starts = "\(stage.directory)/starts"
        let herd = """
          #!/bin/sh
          echo $$ >>\(starts)
          while :; do
            \(Self.readCall)
            case $line in
            */first*) until [ $(wc -l <\(starts)) -ge 5 ]; do sleep 0.02; done;;
            */bad*) exit 1;;
            esac
            echo "{\\"id\\":$id,\\"fields\\":{\\"pid\\":$$}}"
          done
          """
        try stage.configure(Stage.pageHandler("herd", try stage.program("herd.sh", herd), "processes = 5"))
        let first = (1...5).map { "/first\($0)" }
        for page in first + ["/bad1", "/bad2", "/good"] {
          await stage.plant("<p>page", at: page)
        }
        try await stage.withDaemon { _ in
          try await stage.add("t", ["--open", "--handler", "herd"], seeds: first.map { stage.url($0) })
          try await stage.reached { try stage.number("SELECT count(*) FROM pages") == 5 }
          for page in ["/bad1", "/bad2", "/good"] {
            let known = try stage.number("SELECT count(*) FROM pages")
            try await stage.control("offer", "t", stage.url(page))
            try await stage.reached { try stage.number("SELECT count(*) FROM pages") > known }
          }
          let status = try await stage.control("status")
          #expect(status.contains("1 process running, 5 started so far, 8 calls, 2 failed"), "\(status)")
        }
        let pids = "SELECT fields ->> '$.herd.pid' FROM v_pages WHERE url LIKE "
        let good = try stage.column(pids + "'%/good'")
        #expect(try good.count == 1 && stage.column(pids + "'%/first%'").contains(good[0]))
        #expect(try stage.column("SELECT reason FROM handler_failures") == ["ended", "ended"])
      }
    }

    /// What a handler adds, and what a user offers, has the limits of a page's links.
    @Test func longURLsAreCutOrRefused() throws {
      try Stage.play { stage in
        let links = "answer['links'] = ['/long/' + 'x' * 20000, '/short#' + 'x' * 20000]"
        try stage.configure(Stage.pageHandler("adds", try stage.python("adds", links)))
        await stage.plant("<p>page", at: "/")
        await stage.plant("<p>page", at: "/short")
        try await stage.withDaemon { _ in
          try await stage.add("t", ["--open", "--handler", "adds"], seeds: [stage.url("/")])
          let long = stage.url("/offered/" + String(repeating: "x", count: 20_000))
          let offered = try await stage.crawlctl(["offer", "t", long, "--json"])
          #expect(offered.output.contains("it has more than 16384 bytes"), "\(offered)")
          try await stage.control("seal", "t")
          try await stage.control("wait", "t", "--for", "done")
        }
        let start = String((stage.url("/long/") + String(repeating: "x", count: 40)).prefix(40))
        #expect(
          try stage.rows("SELECT state, reason, substr(url, 1, 40), length(url) FROM urls ORDER BY id") == [
            ["done", nil, stage.url("/"), "\(stage.url("/").count)"],
            ["excluded", "url_too_long", start, "16384"],
            ["done", nil, stage.url("/short"), "\(stage.url("/short").count)"],
          ])
      }
    }

    /// Six processes of a program that fail at the same moment are one failure: the next ones start 100 ms later, not 3.2 s,
    /// for which no call would wait.
    @Test func processesThatFailTogetherAreOneFailure() throws {
      try Stage.play(Site(hosts: 1, pages: 20)) { stage in
        let starts = "\(stage.directory)/starts"
        let together = """
          #!/bin/sh
          echo x >>\(starts)
          if [ $(wc -l <\(starts)) -le 6 ]; then
            \(Self.readCall)
            until [ $(wc -l <\(starts)) -ge 6 ]; do sleep 0.02; done
            exit 1
          fi
          while :; do \(Self.readCall); \(Self.keepAll); done
          """
        try stage.configure(
          Stage.handler("six", try stage.program("six.sh", together), "processes = 6\ntimeout = \"2s\""))
        try await stage.withDaemon { _ in
          try await stage.add(
            "t", ["--handler", "six", "--concurrency", "8"], seeds: (1..<20).map { stage.url("/p/\($0)") })
          try await stage.control("wait", "t", "--for", "done")
        }
        #expect(try stage.rows("SELECT reason, count(*) FROM handler_failures GROUP BY 1") == [["ended", "6"]])
        try await stage.expectSound()
      }
    }
  }
}
