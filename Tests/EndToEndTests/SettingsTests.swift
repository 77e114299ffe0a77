import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// What the settings of tasks were, and verbs that are for several tasks.
  @Suite struct SettingsHistories {
    @Test func everyChangeOfASettingIsKeptWithItsValues() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("site", ["--paused"], seeds: [stage.url("/")])
          let (line, _) = try await stage.following(["events", "--task", "site", "--json"]) { events in
            _ = try await events.diagnostic()
            try await stage.control("set", "site", "delay=2s", "max_pages=7")
            return try await events.line()
          }
          #expect(line?.contains(#""changes":[{"from":"0s","setting":"delay","to":"2s"},"#) == true, "\(line ?? "")")
          try await stage.control("set", "site", "delay=3s", "headers=X-A: b")
          let shown = try await stage.control("show", "site")
          #expect(shown.contains("revision 3, ") && shown.contains(": delay 2s → 3s, headers → X-A: b"), "\(shown)")
          let json = try await stage.control("show", "site", "--json")
          #expect(json.contains(#""settings_history":[{"actor":"uid "#) && json.contains(#""revision":3"#), "\(json)")
          // As an analyst asks what a fetch obeyed.
          let asked = "SELECT settings_revision, old_value, value FROM v_settings WHERE setting = 'delay' ORDER BY 1"
          #expect(try stage.rows(asked) == [["1", nil, "0s"], ["2", "0s", "2s"], ["3", "2s", "3s"]])
          #expect(try stage.number("SELECT count(*) FROM v_settings WHERE settings_revision = 1") > 30)
          #expect(try stage.column("SELECT changes ->> '$.max_pages.to[0]' FROM task_events WHERE id = 2") == ["7"])
          // A list is kept as one: commas may be in its texts.
          try await stage.control("set", "site", "exclude=**/a,b", "exclude=**/c")
          #expect(
            try stage.column("SELECT changes ->> '$.exclude' FROM task_events ORDER BY id DESC LIMIT 1")
              == [#"{"from":[],"to":["**/a,b","**/c"]}"#])
          // Whoever sets what was shown sets the same.
          #expect(try await stage.control("ls", "--json").contains(#""exclude":["**/a,b","**/c"]"#))
          let lines = try await stage.control("show", "site").split(separator: "\n")
          #expect(lines.contains { $0.hasSuffix("exclude=**/a,b") } && lines.contains { $0.hasSuffix(" exclude=**/c") })
          let list = "SELECT old_value, value FROM v_settings WHERE setting = 'exclude' ORDER BY settings_revision"
          #expect(try stage.rows(list) == [[nil, ""], ["", "**/a,b,**/c"]])
        }
      }
    }

    /// The database was written by another version, or by somebody else: nothing is fetched by defaults that nobody wants.
    @Test func settingsThatCannotBeReadPauseTheirTask() throws {
      try Stage.play { stage in
        await stage.web.plant([.hold, .send(Response.html("<p>o").serialised())], at: "/", on: "h0.test")
        try await stage.withDaemon { daemon in
          try await stage.add("task", ["--exclude", "**/private/**"], seeds: [stage.url("/")])
          try await stage.web.waitForHolds(1)
          try await daemon.kill()
        }
        await stage.web.resetLog()
        try stage.write("UPDATE tasks SET settings = json_set(settings, '$.delay', json_array('soon'))")
        try await stage.withDaemon { _ in
          #expect(try stage.state(of: "task") == "paused configuration")
          let sentence = "what is stored of its settings can't be read: delay: “soon”"
          for verb in ["why", "show"] {
            let answer = try await stage.control(verb, "task")
            #expect(answer.contains(sentence) && answer.contains("crawlctl set 1 delay=…"), "\(answer)")
          }
          #expect(TextFile.read(stage.log)?.contains("task 1 task is paused: \(sentence)") == true)
          for verb in [["resume", "task"], ["set", "task", "priority=7"], ["offer", "task", stage.url("/b")]] {
            let refused = try await stage.crawlctl(verb)
            #expect(refused.code == 5 && refused.errors.contains("delay=…"), "\(refused)")
          }
          try await stage.control("set", "task", "delay=0", "priority=7")
          #expect(await stage.web.log.count == 0)
        }
        // What was set is there, and so is what was stored before.
        let stored = "SELECT settings ->> '$.delay[0]', settings ->> '$.exclude[0]' FROM tasks"
        #expect(try stage.rows(stored) == [["0s", "**/private/**"]])
        await stage.web.plant(.html("<p>o"), at: "/", on: "h0.test")
        try await stage.withDaemon { _ in try await stage.control("wait", "task", "--for", "done") }
        try stage.write("UPDATE tasks SET settings = '[]'")
        try await stage.withDaemon { _ in
          let refused = try await stage.crawlctl(["add", "--recrawl", "task"])
          #expect(refused.code == 5 && refused.errors.contains("add another task"), "\(refused)")
        }
      }
    }

    @Test func severalTasksAreMeantByEveryVerb() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          for name in ["one", "two"] { try await stage.add(name, ["--paused"], seeds: [stage.url("/")]) }
          let both = try await stage.control("set", "one", "two", "delay=2s")
          #expect(both.contains("one   delay    0s    2s") && both.contains("two   delay    0s    2s"), "\(both)")
          let all = try await stage.control("set", "--all", "priority=7", "--json")
          #expect(all.split(separator: "\n").count == 2, "\(all)")
          try await stage.control("set", "--name", "t*", "priority=8")
          #expect(try stage.column("SELECT settings ->> '$.priority[0]' FROM tasks ORDER BY id") == ["7", "8"])
          let some = try await stage.crawlctl(["set", "one", "none", "delay=3s", "--json"])
          #expect(some.code == 8 && some.output.contains(#""error":{"#) && some.errors.contains("none"), "\(some)")
          try await stage.control("set", "one", "--all", "delay=3s", exit: 2)
          let shown = try await stage.control("show", "one", "two")
          #expect(shown.contains("1  one") && shown.contains("\n\n") && shown.contains("2  two"), "\(shown)")
          #expect(try await stage.crawlctl(["show", "none", "two"]).code == 8)
          let why = try await stage.control("why", "one", "two")
          #expect(why.contains("task one: paused") && why.contains("task two: paused"), "\(why)")
          let rested = try await stage.control("wait", "--all", "--for", "paused", "--json")
          #expect(rested.split(separator: "\n").count == 2, "\(rested)")
          try await stage.control("cancel", "--all")
          try await stage.control("wait", "--state", "cancelled", exit: 12)
        }
      }
    }

    @Test func tasksThatAreCrawledAgainCanBeListed() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("often", ["--every", "1h"], seeds: [stage.url("/")])
          try await stage.add("once", seeds: [stage.url("/")])
          try await stage.control("wait", "often", "once")
          let listed = try await stage.control("ls", "--state", "scheduled")
          #expect(listed.contains("often") && !listed.contains("once"), "\(listed)")
          let strange = try await stage.crawlctl(["ls", "--state", "later"])
          #expect(strange.code == 2 && strange.errors.contains("scheduled"), "\(strange)")
        }
      }
    }

    /// Whoever is told where the database is may be in another directory than the daemon.
    @Test func theDaemonTellsAnAbsolutePath() throws {
      try Stage.play { stage in
        let here = try await stage.loop.run("/bin/pwd", []).output
        let upwards = String(repeating: "../", count: here.split(separator: "/").count)
        try await stage.withDaemon(["--data", "./" + upwards + stage.data.dropFirst()]) { _ in
          let status = try await stage.control("status", "--json")
          #expect(status.contains(#""database":"/"#), "\(status)")
          let answer = try await stage.loop.run(
            "/bin/sh",
            ["-c", "cd / && '\(Programs.crawlctl)' query 'SELECT 42' --format csv --socket '\(stage.socket)'"])
          #expect(answer.output.contains("42"), "\(answer)")
        }
      }
    }
  }
}
