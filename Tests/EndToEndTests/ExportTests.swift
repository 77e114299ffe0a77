import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// `crawlctl export`, and what a hostile web may put into anybody's output.
  @Suite struct Exports {
    @Test func everyRowIsExportedOnceAndAFileAppearsWhole() throws {
      try Stage.play(Site(hosts: 2, pages: 30)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("one", seeds: [stage.url("/", host: 0)])
          try await stage.add("two", seeds: [stage.url("/", host: 1)])
          for task in ["one", "two"] { try await stage.control("wait", task, "--for", "done") }
          for (rows, sql) in [
            ("pages", "SELECT count(*) FROM pages"), ("urls", "SELECT count(*) FROM urls"),
            ("links", "SELECT count(*) FROM links"), ("fetches", "SELECT count(*) FROM fetches"),
          ] {
            let lines = try await stage.control("export", "--rows", rows).split(separator: "\n")
            #expect(try lines.count == stage.number(sql), "\(rows)")
            #expect(lines.allSatisfy { $0.hasPrefix(#"{"task":""#) && $0.hasSuffix("}") })
            #expect(Set(lines).count == lines.count)
            let csv = try await stage.control("export", "--rows", rows, "--format", "csv").split(separator: "\n")
            #expect(csv.count == lines.count + 1 && csv[0].hasPrefix("task,"), "\(rows)")
          }
          #expect(try await stage.control("export", "two").split(separator: "\n").count == 30)
          let file = "\(stage.directory)/pages.csv"
          let said = try await stage.control("export", "one", "--format", "csv", "--output", file)
          #expect(said.contains("30 pages"), "\(said)")
          #expect(TextFile.read(file)?.split(separator: "\n").count == 31)
          let again = try await stage.crawlctl(["export", "--output", file])
          #expect(again.code == 5 && again.errors.contains("exists"), "\(again)")
          let json = try await stage.control("export", "--output", file, "--force", "--json")
          #expect(json.contains(#""rows":60"#), "\(json)")
          #expect(TextFile.read(file)?.split(separator: "\n").count == 60)
          let left = try await stage.loop.run("/bin/ls", [stage.directory]).output
          #expect(!left.contains("partial"), "\(left)")
          #expect(try await stage.crawlctl(["export", "nothing"]).code == 4)
          #expect(try await stage.crawlctl(["export", "--format", "xml"]).code == 2)
        }
        // Without a daemon, too.
        let alone = try await stage.crawlctl(["export", "--rows", "fetches", "--database", stage.database])
        #expect(try alone.output.split(separator: "\n").count == stage.number("SELECT count(*) FROM fetches"))
        #expect(try await stage.crawlctl(["export"]).code == 3)
      }
    }

    /// Ids are never given twice: after months of crawls that were removed, those of a small database are large, and far from
    /// each other.
    @Test func idsThatNothingHasCostNothing() throws {
      try Stage.play(Site(hosts: 3, pages: 20)) { stage in
        for (place, name) in ["one", "two", "three"].enumerated() {
          try await stage.withDaemon { _ in
            try await stage.crawl(name, ["--store", "body"], seeds: [stage.url("/", host: place)])
          }
          try stage.write("UPDATE database SET last_url_id = last_url_id + (1 << 40)")
          try stage.write("UPDATE database SET last_fetch_id = last_fetch_id + (1 << 40)")
        }
        #expect(try stage.number("SELECT max(id) FROM fetches") > 1 << 40)
        for rows in ["pages", "links", "urls", "fetches"] {
          var all = 0
          for name in ["one", "two", "three"] {
            let ended = try await stage.crawlctl(["export", name, "--rows", rows, "--database", stage.database])
            let lines = ended.output.split(separator: "\n")
            #expect(!lines.isEmpty && lines.allSatisfy { $0.hasPrefix(#"{"task":"\#(name)""#) }, "\(rows): \(ended)")
            all += lines.count
          }
          let ended = try await stage.crawlctl(["export", "--rows", rows, "--database", stage.database])
          #expect(ended.output.split(separator: "\n").count == all)
          #expect(try stage.number("SELECT count(*) FROM \(rows)") == all)
        }
        let file = "\(stage.directory)/all.warc.gz"
        let archive = try await stage.crawlctl(["export", "--format", "warc", "-o", file, "--database", stage.database])
        let answers = try stage.number("SELECT count(*) FROM fetches WHERE response_headers IS NOT NULL")
        #expect(archive.output.contains("\(answers) response"), "\(archive)")
        try await stage.expectSound()
      }
    }

    @Test func aDeviceAPipeAndALinkStayWhatTheyAre() throws {
      try Stage.play { stage in
        let (pipe, target, link) = ("\(stage.directory)/pipe", "\(stage.directory)/target", "\(stage.directory)/link")
        try #require(mkfifo(pipe, 0o600) == 0 && symlink("target", link) == 0)
        try await stage.withDaemon { _ in
          try await stage.crawl("one", seeds: [stage.url("/")])
          #expect(try await stage.control("export", "-o", "/dev/null").contains("1 page"))
          #expect(try await stage.control("export", "-o", "-") == stage.control("export"))
          let lost = try await stage.crawlctl(["export", "-o", link])
          #expect(lost.code == 1 && lost.errors.contains("\(link) is a link to what is not there"), "\(lost)")
          try TextFile.write("before\n", to: target)
          let taken = try await stage.crawlctl(["export", "-o", link])
          #expect(taken.code == 5 && taken.errors.contains("\(link) exists; --force"), "\(taken)")
          try await stage.control("export", "-o", link, "--force")
          #expect(TextFile.read(target)?.hasPrefix(#"{"task":"one""#) == true)
          async let read = stage.loop.run("/bin/cat", [pipe])
          try await stage.control("export", "-o", pipe)
          #expect(try await read.output.hasPrefix(#"{"task":"one""#))
          let directory = try await stage.crawlctl(["export", "-o", stage.directory, "--force"])
          #expect(directory.code == 2 && directory.errors.contains("is a directory; name a file in it"), "\(directory)")
          let nowhere = try await stage.crawlctl(["export", "-o", "\(stage.directory)/none/x"])
          #expect(nowhere.code == 1 && nowhere.errors.contains("/none/x: No such"), "\(nowhere)")
          #expect(!nowhere.errors.contains("partial"), "\(nowhere)")
        }
        var status = stat()
        #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
        #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
      }
    }

    /// Whether it asks the daemon or the file: a reader that has seen enough is no failure, and what may not be written whole
    /// is said and leaves nothing behind.
    @Test func aReaderThatGoesAndAFileThatMayNotGrowEndEveryVerbAlike() throws {
      try Stage.play(Site(hosts: 1, pages: 30)) { stage in
        try await stage.withDaemon { _ in
          try await stage.crawl("one", seeds: [stage.url("/")])
          let count = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 9000)"
          let rows = "\(count) SELECT i || '\(String(repeating: "x", count: 40))' FROM n"
          for place in [["--database", stage.database], ["--socket", stage.socket]] {
            let verb = [Programs.crawlctl, "query", rows, "--format", "csv"] + place
            let ended = try await stage.loop.run(
              "/bin/sh", ["-c", #"{ "$@"; echo "exit $?" >&2; } | head -1"#, "sh"] + verb)
            #expect(ended.errors == "exit 0\n", "\(ended)")
          }
          let failing = [Programs.crawlctl, "query", "SELECT nothing", "--database", stage.database]
          // Its stderr is a pipe whose reader has gone before it begins.
          let unheard = try await stage.loop.run(
            "/bin/sh",
            [
              "-c",
              #"{ { trap "" PIPE; while echo; do :; done 2>/dev/null; "$@" 2>&1 >/dev/null; echo "exit $?" >&3; } | true; } 3>&1"#,
              "sh",
            ] + failing)
          #expect(unheard.output.hasPrefix("exit ") && unheard.output != "exit 0\n", "\(unheard)")
          for verb in [
            ["export", "--rows", "urls", "-o", "\(stage.directory)/urls"], ["backup", "\(stage.directory)/copy.db"],
          ] {
            let limited = ["-c", #"ulimit -f 4; exec "$@""#, "sh", Programs.crawlctl]
            let ended = try await stage.loop.run("/bin/sh", limited + verb + ["--socket", stage.socket])
            #expect(ended.code == 1 && ended.errors.hasPrefix("crawlctl: "), "\(ended)")
          }
          let left = try await stage.loop.run("/bin/ls", [stage.directory]).output
          #expect(!left.contains("urls") && !left.contains("copy"), "\(left)")
        }
      }
    }

    /// A database is lost with everything that was crawled.
    @Test func noDatabaseIsReplaced() throws {
      try Stage.play { stage in
        let link = "\(stage.directory)/link"
        try #require(symlink(stage.database, link) == 0)
        try await stage.withDaemon { _ in
          try await stage.crawl("one", seeds: [stage.url("/")])
          for format in ["jsonl", "csv", "warc"] {
            for file in [stage.database, "\(stage.database)-wal", link] {
              let ended = try await stage.crawlctl(["export", "--format", format, "--force", "-o", file])
              #expect(ended.code == 5 && ended.errors.contains("choose another name"), "\(format) \(file): \(ended)")
            }
          }
        }
        let stopped = try await stage.crawlctl(
          ["export", "--database", stage.database, "--force", "-o", stage.database])
        #expect(stopped.code == 5 && stopped.errors.contains("choose another name"), "\(stopped)")
        try await stage.withDaemon { _ in
          let listed = try await stage.control("ls")
          #expect(listed.contains("one"))
        }
        try await stage.expectSound()
      }
    }

    @Test func whoTakesRowsSlowlyKeepsNoOldStateOfTheDatabase() throws {
      try Stage.play(Site(hosts: 1, pages: 800)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("one", seeds: [stage.url("/")])
          try await stage.control("wait", "one", "--for", "done")
          let sql = "SELECT * FROM v_pages, (SELECT 1 FROM links LIMIT 10)"
          for verb in [["export", "--rows", "links"], ["query", sql, "--format", "csv"]] {
            // It writes, and can't write all of it.
            let (_, status) = try await stage.following(verb) { slow in
              #expect(try await slow.line() != nil)
              // The log goes on, beyond what an older state of the database has.
              try await stage.add("while-\(verb[0])", ["--paused"], seeds: [stage.url("/")])
              let holder = try Holder(stage.database, "SELECT count(*) FROM tasks")
              #expect(holder.checkpoint(), "\(verb)")
            }
            #expect(status == .signalled(number: SIGTERM, dumpedCore: false), "\(verb): it was still writing")
          }
        }
      }
    }

    /// Windows end early where rows are long, and no row is left out or written twice.
    @Test func manyBytesAreReadInSmallWindows() throws {
      try Stage.play { stage in
        let long = String(repeating: "x", count: 1_900)
        for page in 0..<3 {
          let links = (0..<1_500).map { "<a href='/\(page)/\($0)?\(long)'>\($0)</a>" }.joined()
          await stage.web.plant(.html(links), at: "/list\(page)", on: "h0.test")
        }
        try await stage.withDaemon { _ in
          try await stage.add("long", ["--depth", "0"], seeds: (0..<3).map { stage.url("/list\($0)") })
          try await stage.control("wait", "long", "--for", "done")
          for rows in ["links", "urls"] {
            let lines = try await stage.control("export", "--rows", rows).split(separator: "\n")
            #expect(try lines.count == stage.number("SELECT count(*) FROM \(rows)") && lines.count >= 4_500)
            #expect(Set(lines).count == lines.count)
          }
        }
      }
    }

    @Test func nothingFromTheWebReachesATerminalAsAControl() throws {
      try Stage.play(Site(hosts: 1, pages: 2)) { stage in
        let host = "h0.test"
        let evil = "=1+1\u{1B}]0;owned\u{07}\u{1B}[31m\u{9B}2J\u{7F}\u{202E}txt.exe\u{2066}\u{85}\u{08}"
        let page = """
          <html lang="\(evil)"><title>\(evil)</title><meta name=description content="\(evil)">
          <meta name=robots content="index,\(evil)"><h1>\(evil)</h1>
          <a href="/gone?\(evil)">\(evil)</a><a href="http://h0.test:bad\(evil)/">x</a><img src="/\(evil).png" rel="\(evil)">
          <link rel=canonical href="/c?\(evil)">
          """
        var response = Response.html(page)
        response.fields += ["ETag: \"\(evil)\"", "X-Robots-Tag: \(evil)", "Last-Modified: \(evil)"]
        await stage.web.plant(response, at: "/evil", on: host)
        await stage.web.plant(.redirect(to: "/to\(evil)"), at: "/r", on: host)
        await stage.web.plant(
          Response(fields: ["Content-Type: text/plain; \(evil)", "Content-Encoding: \(evil)"], body: Array("x".utf8)),
          at: "/type", on: host)
        let seeds = ["/evil", "/r", "/type", "/seed?\(evil)"].map { stage.url($0) }
        try await stage.withDaemon { _ in
          let (events, _) = try await stage.following(["events"]) { events in
            _ = try await events.diagnostic()
            try await stage.add("evil", seeds: seeds)
            try await stage.control("wait", "evil", "--for", "done")
            var lines: [String] = []
            while let line = try await events.line() {
              lines.append(line)
              if line.contains("finished") { break }
            }
            return lines
          }
          var outputs = [("events", events.joined(separator: "\n"))]
          var verbs = [
            ["ls"], ["show", "evil"], ["hosts"], ["why", "evil"], ["why", "h0.test"], ["status"], ["top", "--once"],
            ["wait", "evil"], ["ps"], ["doctor"],
          ]
          verbs += seeds.flatMap { [["url", $0], ["why", $0]] }
          verbs += ["pages", "links", "urls", "fetches"].flatMap { rows in
            ["jsonl", "csv"].map { ["export", "--rows", rows, "--format", $0] }
          }
          for table in ["v_pages", "v_broken_links", "v_redirects", "v_errors", "v_excluded", "v_recent", "fetches"] {
            verbs += ["table", "csv", "json", "markdown"].map { ["query", "SELECT * FROM \(table)", "--format", $0] }
          }
          for verb in verbs {
            let variants = verb[0] == "export" || verb[0] == "query" ? [verb] : [verb, verb + ["--json"]]
            for arguments in variants {
              let ended = try await stage.crawlctl(arguments)
              outputs.append((arguments.joined(separator: " "), ended.output + ended.errors))
            }
          }
          for (verb, output) in outputs {
            let controls = output.unicodeScalars.filter { Self.isControl($0) && $0 != "\n" }
            #expect(controls.isEmpty, "\(verb): \(controls.map { String($0.value, radix: 16) })")
          }
          let csv = try await stage.control("export", "--format", "csv")
          let cells = csv.split(separator: "\n").flatMap(Self.cells)
          #expect(cells.contains { $0.hasPrefix("'=1+1") } && !cells.contains { $0.hasPrefix("=") }, "\(csv)")
        }
        #expect(try stage.number("SELECT count(*) FROM pages WHERE title LIKE '=1+1%'") == 1)
      }
    }

    /// The cells of a line of CSV, as a spreadsheet reads them.
    private static func cells(_ line: Substring) -> [String] {
      var cells = [""]
      var isQuoted = false
      for character in line {
        switch character {
        case "\"": isQuoted.toggle()
        case "," where !isQuoted: cells.append("")
        default: cells[cells.count - 1].append(character)
        }
      }
      return cells
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.value {
      case 0..<0x20, 0x7F...0x9F, 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
      default: false
      }
    }
  }
}
