import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// `crawlctl offer` and `seal`, and seeds from a file that no one request holds.
  @Suite struct Offers {
    @Test func anOpenTaskTakesSeedsAndFinishesWhenItIsSealed() throws {
      try Stage.play(Site(hosts: 3, pages: 4)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("feed", ["--open"], seeds: [stage.url("/", host: 0)])
          try await stage.web.waitForRequests(5, on: "h0.test")
          let shown = try await stage.control(
            "offer", "feed", stage.url("/", host: 1), stage.url("/", host: 0), "--json")
          #expect(shown.contains(#""known":1,"name":"feed","new":1"#), "\(shown)")
          // It joins the scope: its links are followed.
          try await stage.web.waitForRequests(5, on: "h1.test")
          let task = try await stage.control("show", "feed", "--json")
          #expect(task.contains(#""open":true"#) && task.contains(#""seal"]"#), "\(task)")
          #expect(try await stage.control("seal", "feed").contains("running"))
          try await stage.control("wait", "feed", "--for", "done")
          let late = try await stage.crawlctl(["offer", "feed", stage.url("/", host: 2)])
          #expect(late.code == 5 && late.errors.contains("finished"), "\(late)")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 8)
        #expect(try stage.number("SELECT count(*) FROM urls WHERE depth = 0 AND via_url_id IS NULL") == 2)
        #expect(await stage.web.requests(on: "h2.test") == 0)
        try await stage.expectSound()
      }
    }

    @Test func whatWasOfferedOutlivesAKillAndTheTaskStaysOpen() throws {
      try Stage.play(Site(hosts: 2, pages: 4)) { stage in
        try await stage.withDaemon { daemon in
          try await stage.control("add", "--open", "--paused", "--name", "feed", "--delay", "0")
          try await stage.control("offer", "feed", stage.url("/", host: 0))
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          // Not loaded: it is paused since the daemon's start.
          let again = try await stage.control(
            "offer", "feed", stage.url("/", host: 0), stage.url("/", host: 1), "--json")
          #expect(again.contains(#""known":1"#) && again.contains(#""new":1"#), "\(again)")
          try await stage.control("resume", "feed")
          try await stage.web.waitForRequests(5, on: "h1.test")
          #expect(try await stage.control("ls").contains("running"))
          try await stage.web.waitForRequests(5, on: "h0.test")
          try await stage.control("offer", "feed", stage.url("/p/1"), "--seal")
          try await stage.control("wait", "feed", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 8)
        #expect(await stage.web.log.statistics().duplicates == 0)
        try await stage.expectSound()
      }
    }

    @Test func whatAnOfferBroughtIntoScopeIsInItAlsoAfterAKill() throws {
      try Stage.play(Site(hosts: 2, pages: 2)) { stage in
        let page = Response.html("<a href=\"\(stage.url("/x", host: 1))\">x</a>")
        for target in ["/one", "/two"] { await stage.web.plant(page, at: target, on: "h0.test") }
        for target in ["/b", "/x"] { await stage.web.plant(.html("page"), at: target, on: "h1.test") }
        try await stage.withDaemon { daemon in
          try await stage.add("feed", ["--open"], seeds: [stage.url("/one")])
          while try stage.number("SELECT count(*) FROM urls WHERE reason = 'scope'") == 0 {
            try await stage.control("status")
          }
          try await stage.control("offer", "feed", stage.url("/b", host: 1))
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          try await stage.control("offer", "feed", stage.url("/two"), "--seal")
          try await stage.control("wait", "feed", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM urls WHERE state = 'done'") == 4)
        try await stage.expectSound()
      }
    }

    /// Whatever rule has excluded it when a page named it: a user asks for it.
    @Test func whatAPageHasNamedInVainIsVisitedWhenItIsOffered() throws {
      try Stage.play { stage in
        let targets = ["/a/a/a/a/x", "/" + (1...70).map(String.init).joined(separator: "/"), "/redirect/19"]
        let links = (targets.dropLast() + ["/redirect/30"]).map { "<a href=\"\($0)\">x</a>" }
        await stage.web.plant(.html(links.joined()), at: "/links", on: "h0.test")
        for target in targets { await stage.web.plant(.html("page"), at: target, on: "h0.test") }
        try await stage.withDaemon { daemon in
          try await stage.add("feed", ["--open"], seeds: [stage.url("/links")])
          while try stage.number("SELECT count(*) FROM urls WHERE state = 'excluded'") < 3 {
            try await stage.control("status")
          }
          let offered = try await stage.control("offer", "feed", stage.url(targets[0]), "--json")
          #expect(offered.contains(#""known":0"#) && offered.contains(#""new":1"#), "\(offered)")
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          let rest = targets.map { stage.url($0) }
          let offered = try await stage.control(["offer", "feed", "--seal", "--json"] + rest)
          #expect(offered.contains(#""known":1"#) && offered.contains(#""new":2"#), "\(offered)")
          try await stage.control("wait", "feed", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 4)
        #expect(try stage.number("SELECT count(*) FROM urls WHERE state = 'excluded'") == 0)
        try await stage.expectSound()
      }
    }

    @Test func whatIsNoURLIsSaidAndTheOthersAreTaken() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.control("add", "--open", "--paused", "--name", "feed")
          let mixed = try await stage.crawlctl(["offer", "feed", "no url", stage.url("/"), "ftp://h0.test/"])
          #expect(mixed.code == 8, "\(mixed)")
          #expect(mixed.errors.split(separator: "\n").count == 2 && mixed.errors.contains("ftp://h0.test/"), "\(mixed)")
          #expect(try await stage.crawlctl(["offer", "feed", "no url"]).code == 2)
          // All the others are known, or excluded.
          #expect(try await stage.crawlctl(["offer", "feed", "no url", stage.url("/")]).code == 8)
          #expect(try await stage.crawlctl(["offer", "nothing", stage.url("/")]).code == 4)
          #expect(try await stage.crawlctl(["offer", "feed"]).code == 2)
          let why = try await stage.control("show", "feed")
          #expect(why.contains("more seeds may come"), "\(why)")
        }
        #expect(try stage.column("SELECT url FROM urls") == [stage.url("/")])
      }
    }

    /// The same rule for files that one request holds and for those that need many.
    @Test(arguments: [3, 12_000]) func badLinesOfAFileAreLeftOut(count: Int) throws {
      try Stage.play { stage in
        let file = "\(stage.directory)/seeds"
        var lines = (0..<count).map { stage.url("/private/\($0)") }
        lines.append(stage.url("/"))
        lines.insert("no url", at: 0)
        lines.insert("ftp://h0.test/", at: 3)
        try TextFile.write("# seeds\n\n" + lines.joined(separator: "\r\n"), to: file)
        try await stage.withDaemon { _ in
          let added = try await stage.crawlctl(["add", "--paused", "--file", file])
          #expect(added.code == 8, "\(added)")
          for words in ["\(file):3: no url: ", "\(file):6: ftp://h0.test/: ", "2 lines of \(file) are no URLs"] {
            #expect(added.errors.contains(words), "\(added.errors)")
          }
          #expect(try stage.column("SELECT name || state || open FROM tasks") == ["h0.testpaused0"])
          #expect(try stage.number("SELECT known FROM task_counters") == count + 1)
          let run = try await stage.crawlctl(["run", "--name", "again", "--delay", "0", "--file", file])
          #expect(run.code == 8, "\(run)")
          try TextFile.write("no url\nnone\n", to: file)
          let none = try await stage.crawlctl(["add", "--name", "none", "--file", file])
          #expect(none.code == 2 && none.errors.contains("holds no URL"), "\(none)")
          #expect(try stage.number("SELECT count(*) FROM tasks") == 2)
        }
      }
    }

    /// A byte order mark, lines that are no text, and lines whose text the daemon does not repeat as it was: each is said
    /// by its number, without passwords.
    @Test func linesOfAFileKeepTheirNumbers() throws {
      try Stage.play { stage in
        let file = "\(stage.directory)/seeds"
        let port = stage.site.port
        var bytes: [UInt8] = [0xEF, 0xBB, 0xBF] + Array("http://u:SECRET@h0.test:\(port)/\nno url\n".utf8)
        bytes += Array("\(stage.url("/a"))\n".utf8) + [0xFF, 0x0A]
        bytes += Array("HTTP://u:SECRET@h0.test:\(port)/b\n\(stage.url("/c"))\nno url\n".utf8) + [0xFE, 0x0A]
        let descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        try #require(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        let marked = "\(stage.directory)/marked"
        try TextFile.write("\u{FEFF}\(stage.url("/d"))\n", to: marked)
        try await stage.withDaemon { _ in
          try await stage.control("add", "--open", "--paused", "--name", "feed", "--file", marked)
          for verb in [["offer", "feed", "--file", file], ["add", "--name", "all", "--paused", "--file", file]] {
            let ended = try await stage.crawlctl(verb)
            #expect(ended.code == 8 && !ended.errors.contains("SECRET"), "\(ended)")
            let said = ended.errors.split(separator: "\n")
            for line in [1, 2, 4, 5, 7, 8] {
              #expect(said.count { $0.hasPrefix("crawlctl: \(file):\(line): ") } == 1, "\(line): \(ended.errors)")
            }
            #expect(
              said.contains { $0.hasPrefix("crawlctl: \(file):1: http://h0.test:\(port)/: user and") }, "\(ended)")
            #expect(said.contains("crawlctl: \(file):4: this line is no UTF-8 text"), "\(ended)")
            #expect(said.last == "crawlctl: 6 lines of \(file) are no URLs and were left out", "\(ended)")
          }
          #expect(try stage.number("SELECT known FROM task_counters WHERE task_id = 1") == 3)
          #expect(try stage.number("SELECT known FROM task_counters WHERE task_id = 2") == 2)
          let json = try await stage.control(["offer", "feed", "no url", "--file", file, "--json"], exit: 8)
          #expect(json.contains(#"{"index":0,"problem":"#) && json.contains(#"{"index":2,"problem":"#), "\(json)")
        }
      }
    }

    /// Several files are read in their order, whether one request holds them or not; what is said names the right one.
    @Test(arguments: [3, 12_000]) func everyFileIsReadInItsTurn(count: Int) throws {
      try Stage.play { stage in
        let files = ["a", "b", "c"].map { "\(stage.directory)/\($0)" }
        for (number, file) in files.enumerated() {
          let lines = (0..<count).map { stage.url("/private/\(number)-\($0)") }
          try TextFile.write((lines + ["no url", ""]).joined(separator: "\n"), to: file)
        }
        let options = files.flatMap { ["--file", $0] }
        try await stage.withDaemon { _ in
          let added = try await stage.crawlctl(["add", "--paused", "--name", "all"] + options)
          try await stage.control("add", "--paused", "--open", "--name", "feed")
          let offered = try await stage.crawlctl(["offer", "feed", stage.url("/")] + options)
          for ended in [added, offered] {
            #expect(ended.code == 8, "\(ended)")
            for file in files {
              #expect(ended.errors.contains("\(file):\(count + 1): no url: "), "\(ended.errors)")
            }
            let names = files.joined(separator: ", ")
            #expect(ended.errors.contains("3 lines of \(names) are no URLs and were left out"), "\(ended.errors)")
          }
          let known = try stage.column("SELECT known FROM task_counters ORDER BY task_id")
          #expect(known == ["\(3 * count)", "\(3 * count + 1)"])
          let missing = try await stage.crawlctl(["add", "--name", "none"] + options + ["--file", "/nowhere"])
          #expect(missing.code == 2 && missing.errors.contains("/nowhere: No such file"), "\(missing)")
          #expect(try stage.number("SELECT count(*) FROM tasks") == 2)
        }
      }
    }

    @Test func offeringSaysWhatEachBatchCameTo() throws {
      try Stage.play { stage in
        let pipe = "\(stage.directory)/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        try await stage.withDaemon { _ in
          try await stage.control("add", "--open", "--paused", "--name", "feed")
          let offer = ["offer", "feed", "--json", "--file", pipe]
          let (errors, status) = try await stage.following(offer) { offer in
            let writer = try await stage.loop.runInThread { open(pipe, O_WRONLY | O_CLOEXEC) }
            defer { close(writer) }
            for number in 1...3 {
              let line = stage.url("/\(number)") + "\n"
              try #require(write(writer, line, line.utf8.count) > 0)
              let answer = try await offer.line() ?? ""
              #expect(answer.contains(#""new":\#(number),"#), "\(answer)")
            }
            try await stage.control("cancel", "feed")
            let line = stage.url("/4") + "\n"
            try #require(write(writer, line, line.utf8.count) > 0)
            var errors: [String] = []
            while let line = try await offer.diagnostic() { errors.append(line) }
            _ = try await offer.process.waitForExit()
            return errors
          }
          #expect(status == .exited(code: 5), "\(errors)")
          #expect(errors.contains("crawlctl: go on from line 4 of \(pipe)"), "\(errors)")
        }
      }
    }

    @Test func moreSeedsThanARequestHoldsAreOneTask() throws {
      try Stage.play { stage in
        let count = 25_000
        let file = "\(stage.directory)/seeds"
        let long = String(repeating: "x", count: 60)
        try TextFile.write((0..<count).map { "http://h0.test/\(long)/\($0)\n" }.joined(), to: file)
        try await stage.withDaemon { _ in
          try await stage.control("add", "--paused", "--name", "many", "--file", file)
          #expect(try stage.number("SELECT known FROM task_counters") == count)
          #expect(try stage.column("SELECT state || open FROM tasks") == ["paused0"])
          // Again: nothing is doubled.
          let again = try await stage.control("offer", "many", "--file", file, "--json")
          #expect(again.contains(#""known":\#(count),"#) && again.contains(#""new":0"#), "\(again)")
        }
        #expect(try stage.number("SELECT count(*) FROM urls") == count)
        try await stage.expectSound()
      }
    }

    @Test func aTaskOfManySeedsRunsWhenAllAreThere() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        let file = "\(stage.directory)/seeds"
        let others = (0..<12_000).map { "http://h0.test:\(stage.site.port)/private/\($0)\n" }.joined()
        try TextFile.write(others + stage.url("/") + "\n", to: file)
        try await stage.withDaemon { _ in
          let ended = try await stage.crawlctl(["run", "--delay", "0", "--name", "many", "--file", file])
          #expect(ended.code == 0, "\(ended)")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 3)
        #expect(
          try stage.column("SELECT action FROM task_events ORDER BY id") == ["add", "seal", "resume", "finished"])
      }
    }
  }
}
