import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  @Suite struct Credentials {
    /// In no base64 of anything else, either.
    private static let secrets = ["hunter2-of-the-shop", "hunter2-in-a-file", "hunter2-in-the-toml"]
    private static let shop = "Basic c2hvcHBlcjpodW50ZXIyLW9mLXRoZS1zaG9w"

    private func sections(_ stage: Stage) -> String {
      """
      [credentials.shop]
      origins = ["http://h0.test:\(stage.site.port)"]
      user = "shopper"
      password_env = "SHOP_PASSWORD"
      [credentials.wiki]
      origins = ["http://h1.test:\(stage.site.port)"]
      user = "reader"
      password_file = "\(stage.directory)/wiki-password"
      scheme = "digest"
      [credentials.spare]
      origins = ["https://spare.test"]
      password = "\(Self.secrets[2])"
      """
    }

    private let environment = ["SHOP_PASSWORD": Self.secrets[0]]

    @Test func noURLBringsAUserOrAPassword() throws {
      try Stage.play { stage in
        await stage.web.keepFields()
        let place = stage.url("/").dropFirst("http://".count)
        let links = "<a href='http://me:hunter2@\(place)a'>a</a><link rel=canonical href='http://me:hunter2@\(place)'>"
        await stage.web.plant(.html(links), at: "/", on: "h0.test")
        await stage.web.plant(.redirect(to: "http://me:hunter2@\(place)b"), at: "/a", on: "h0.test")
        try await stage.withDaemon { _ in
          let refused = try await stage.crawlctl(["add", "http://me:hunter2@\(place)"])
          #expect(refused.code == 2 && refused.errors.contains("[credentials.NAME]"), "\(refused)")
          #expect(!refused.errors.contains("hunter2"), "\(refused)")
          try await stage.add("site", seeds: [stage.url("/")])
          try await stage.control("wait", "site")
          let asked = "http://me:hunter2@\(place)a"
          #expect(try await stage.control("url", asked).contains(stage.url("/a")))
        }
        #expect(try stage.number("SELECT count(*) FROM urls") == 3)
        #expect(await stage.web.log.entries.map(\.target) == ["/robots.txt", "/", "/a", "/b"])
        #expect(await stage.web.log.entries.allSatisfy { $0.field("authorization") == nil })
        let dumped = try await stage.loop.run("/bin/sh", ["-c", "cat \"$0\"/* \"$1\"", stage.data, stage.log])
        expectNothing(in: dumped.output)
      }
    }

    private func plant(_ stage: Stage) async throws {
      try TextFile.write(Self.secrets[1] + "\n", to: "\(stage.directory)/wiki-password")
      await stage.web.keepFields()
      await stage.web.plant(.html("<a href=/moved>m</a><a href='\(wiki(stage))'>w</a>"), at: "/", on: "h0.test")
      await stage.web.plant(.redirect(to: stage.url("/other", host: 2)), at: "/moved", on: "h0.test")
      await stage.web.plant(.html("<p>o"), at: "/other", on: "h2.test")
      await stage.web.plant(
        Response(status: 401, fields: ["WWW-Authenticate: Digest realm=\"w\", nonce=\"n\", qop=\"auth\""]), at: "/wiki",
        on: "h1.test")
    }

    private func wiki(_ stage: Stage) -> String { stage.url("/wiki", host: 1) }

    @Test func theyGoToTheirOriginAndNowhereElse() throws {
      try Stage.play(Site(hosts: 3, pages: 1)) { stage in
        try await plant(stage)
        try stage.configure(sections(stage))
        let options = ["--scope", "any", "--credentials", "shop", "--credentials", "wiki"]
        try await stage.withDaemon(environment: environment) { _ in
          try await stage.add("task", options, seeds: [stage.url("/")])
          try await stage.control("wait", "task", "--for", "done")
          let own = await stage.web.log.entries
          try await stage.add("none", ["--scope", "any"], seeds: [stage.url("/")])
          try await stage.control("wait", "none", "--for", "done")
          let authorized = own.map { "\($0.host) \($0.target) \($0.field("authorization")?.prefix(40) ?? "-")" }
          let expected: Set = [
            "h0.test /robots.txt \(Self.shop)", "h0.test / \(Self.shop)", "h0.test /moved \(Self.shop)",
            "h1.test /robots.txt -", "h1.test /wiki -", "h1.test /wiki Digest username=\"reader\", realm=\"w\", non",
            "h2.test /robots.txt -", "h2.test /other -",
          ]
          #expect(Set(authorized) == Set(expected.map { $0.replacing(Self.shop, with: String(Self.shop.prefix(40))) }))
          #expect(await stage.web.log.entries.dropFirst(own.count).allSatisfy { $0.field("authorization") == nil })
        }
        try await stage.expectSound()
      }
    }

    /// What a user, another process or whoever gets the database can see of a daemon that uses them.
    @Test func theySayNothingAnywhere() throws {
      try Stage.play(Site(hosts: 3, pages: 1)) { stage in
        try await plant(stage)
        await stage.web.plant([.hold, .send(Response.html("<p>o").serialised())], at: "/other", on: "h2.test")
        let logging = "[daemon]\nlog_level = \"trace\"\nlog_format = \"json\"\n"
        try stage.replaceConfiguration(logging + sections(stage))
        try await stage.withDaemon(environment: environment) { daemon in
          let names = ["shop", "wiki", "spare"]
          let options = ["--scope", "any"] + names.flatMap { ["--credentials", $0] }
          try await stage.add("task", options, seeds: [stage.url("/"), wiki(stage)])
          try await stage.web.waitForHolds(1)
          var seen: [String] = []
          for verb in [
            ["show", "task"], ["show", "task", "--json"], ["ls", "--json"], ["ps", "--json"],
            ["ps", "--all", "--json"],
            ["hosts", "--json"], ["why", "task", "--json"], ["why", "h0.test", "--json"],
            ["url", wiki(stage), "--json"],
            ["status", "--json"], ["query", "SELECT * FROM fetches"], ["query", "SELECT * FROM tasks"],
            ["set", "task", "credentials=wiki", "--json"],
          ] {
            seen.append("\(verb): \(try await stage.crawlctl(verb))")
          }
          #expect(seen.first?.contains("credentials=shop,wiki,spare") == true)
          seen.append(TextFile.read("/proc/\(daemon.process.id)/cmdline") ?? "")
          await stage.web.release()
          try await stage.control("wait", "task", "--for", "done")
          for text in seen { expectNothing(in: text) }
        }
        // The files as they are, write-ahead log too.
        let dumped = try await stage.loop.run("/bin/sh", ["-c", "cat \"$0\"/* \"$1\"", stage.data, stage.log])
        #expect(dumped.output.utf8.count > 10_000)
        expectNothing(in: dumped.output)
      }
    }

    private func expectNothing(in text: String) {
      for secret in Self.secrets + [String(Self.shop.dropFirst(6))] {
        #expect(!text.contains(secret), "\(secret) is seen")
      }
      #expect(!text.contains("hunter2"))
    }

    /// Others would be sent as something else.
    @Test func aSecretThatIsNotUTF8StopsTheDaemon() throws {
      try Stage.play { stage in
        let script = "printf 'P\\344ss\\n' > \"$0\"; export LATIN=\"$(cat \"$0\")\"; exec \"$@\""
        let latin = "\(stage.directory)/latin"
        for (place, part) in [
          ("password_file = \"\(latin)\"", "password_file: the first line of \(latin) is not"),
          ("password_env = \"LATIN\"", "password_env: what the variable LATIN has is not"),
        ] {
          try stage.configure("[credentials.shop]\norigins = [\"https://shop.test\"]\nuser = \"u\"\n\(place)")
          let check = [Programs.crawld, "--check-config", "--config", stage.configuration]
          let ended = try await stage.loop.run("/bin/sh", ["-c", script, latin] + check)
          #expect(ended.code == 2 && ended.errors.contains("credentials.shop.\(part) UTF-8"), "\(ended)")
        }
      }
    }

    /// As some editors write it.
    @Test func aByteOrderMarkIsNoPartOfASecret() throws {
      try Stage.play { stage in
        let file = "\(stage.directory)/marked"
        try TextFile.write("\u{FEFF}" + Self.secrets[0] + "\r\n", to: file)
        let origin = stage.url("/").dropLast()
        try stage.configure(
          "[credentials.shop]\norigins = [\"\(origin)\"]\nuser = \"shopper\"\npassword_file = \"\(file)\"")
        await stage.web.keepFields()
        try await stage.withDaemon { _ in
          try await stage.add("task", ["--credentials", "shop"], seeds: [stage.url("/")])
          try await stage.control("wait", "task", "--for", "done")
        }
        let served = await stage.web.log.entries
        #expect(!served.isEmpty && served.allSatisfy { $0.field("authorization") == Self.shop })
      }
    }

    @Test func aTaskWhoseNameIsGoneWaitsForIt() throws {
      try Stage.play(Site(hosts: 3, pages: 1)) { stage in
        try await plant(stage)
        await stage.web.plant([.hold, .send(Response.html("<p>o").serialised())], at: "/other", on: "h2.test")
        try stage.configure(sections(stage))
        try await stage.withDaemon(environment: environment) { daemon in
          let unknown = try await stage.crawlctl(["add", "--credentials", "shopp", stage.url("/")])
          #expect(unknown.code == 2 && unknown.errors.contains("shopp") && unknown.errors.contains("shop spare wiki"))
          try await stage.add("task", ["--scope", "any", "--credentials", "shop"], seeds: [stage.url("/")])
          try await stage.web.waitForHolds(1)
          try await daemon.kill()
        }
        try stage.configure("")
        try await stage.withDaemon { _ in
          #expect(try stage.state(of: "task") == "paused configuration")
          let refused = try await stage.crawlctl(["resume", "task"])
          #expect(refused.code == 5 && refused.errors.contains("shop"), "\(refused)")
          let why = try await stage.control("why", "task")
          #expect(why.contains("the daemon's configuration names no “shop”"), "\(why)")
          await stage.web.resetLog()
          try await stage.control("set", "task", "delay=1ms")
        }
        #expect(await stage.web.log.count == 0)
        try stage.configure(sections(stage))
        await stage.web.plant(.html("<p>o"), at: "/other", on: "h2.test")
        try await stage.withDaemon(environment: environment) { _ in
          try await stage.control("wait", "task", "--for", "done")
        }
        let events = try stage.column("SELECT action || coalesce(' ' || reason, '') FROM task_events ORDER BY id")
        #expect(events.prefix(3) == ["add", "pause configuration", "set"] && events.contains("resume"), "\(events)")
        #expect(try stage.number("SELECT count(*) FROM urls WHERE state IN ('ready', 'delayed', 'failed')") == 0)
        try await stage.expectSound()
      }
    }

    @Test func aSecretThatIsNotThereStopsTheDaemon() throws {
      try Stage.play { stage in
        for (lines, part) in [
          ("user = \"u\"\npassword_env = \"CRAWLD_TEST_NOBODY\"", "password_env: the environment has no variable"),
          ("user = \"u\"\npassword_file = \"\(stage.directory)/none\"", "password_file: "),
          ("user = \"u:v\"\npassword = \"hunter2\"", "user: has a colon"),
          ("user = \"u\"\npassword = \"hunter2\"\npassword_file = \"/x\"", "says more than once"),
        ] {
          try stage.replaceConfiguration("[credentials.shop]\norigins = [\"http://h0.test\"]\n" + lines)
          let ended = try await stage.failingDaemon()
          #expect(ended.code == 2 && ended.errors.contains("crawld.toml:") && ended.errors.contains(part), "\(ended)")
          #expect(ended.errors.contains("credentials.shop") && !ended.errors.contains("hunter2"), "\(ended)")
        }
        try stage.replaceConfiguration("[credentials.shop]\norigins = [\"http://u:hunter2@h0.test\"]\npassword = \"x\"")
        let quoted = try await stage.failingDaemon()
        #expect(quoted.code == 2 && quoted.errors.contains("number 1 is no origin"), "\(quoted)")
        #expect(!quoted.errors.contains("hunter2"), "\(quoted)")
        try stage.replaceConfiguration("[defaults]\ncredentials = [\"shop\"]")
        let ended = try await stage.failingDaemon()
        #expect(ended.code == 2 && ended.errors.contains("crawld.toml:2: defaults.credentials"), "\(ended)")
      }
    }
  }
}
