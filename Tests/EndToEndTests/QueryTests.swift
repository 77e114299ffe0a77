import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// `crawlctl query`, and the questions of config/queries.
  @Suite struct Queries {
    private static let questions = [
      "broken-links", "broken-pages", "canonical-elsewhere", "certificate-expiry", "changes", "content-types",
      "depth-distribution", "duplicate-pages", "duplicate-titles", "errors-by-host", "exclusions", "external-links",
      "insecure-links", "languages", "large-pages", "missing-descriptions", "missing-headings", "missing-titles",
      "most-linked", "near-duplicate-pages", "noindex-pages", "orphan-pages", "redirect-chains", "robots-exclusions",
      "settings-history", "slow-hosts",
      "slow-pages", "status-codes",
    ]

    private static func path(_ question: String, file: String = #filePath) -> String {
      let root = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
      return "\(root)/config/queries/\(question).sql"
    }

    private static func page(_ head: String, _ body: String = "") -> Response {
      .html("<html><head>\(head)</head><body>\(body)")
    }

    @Test func theUsualQuestionsAreAnswered() throws {
      try Stage.play(Site(hosts: 1, pages: 5)) { stage in
        let host = "h0.test"
        let links = "<a href=/gone>dead</a> <a href=/r1>r</a> <a href=/twin>t</a> <a href=http://else.test/>e</a>"
        await stage.web.plant(
          Self.page("<title>Same</title><link rel=canonical href=/p/1><meta name=robots content=noindex>", links),
          at: "/one", on: host)
        await stage.web.plant(Self.page("<title>Same</title>", "<a href=/one>one</a>"), at: "/twin", on: host)
        await stage.web.plant(.redirect(to: "/r2"), at: "/r1", on: host)
        await stage.web.plant(.redirect(to: "/twin"), at: "/r2", on: host)
        // A loop of redirects, and a way into another; a page that only a redirect leads to.
        for (from, to) in [("/loop1", "/loop2"), ("/loop2", "/loop1"), ("/in", "/ring1"), ("/ring1", "/ring2")] {
          await stage.web.plant(.redirect(to: to), at: from, on: host)
        }
        await stage.web.plant(.redirect(to: "/ring1"), at: "/ring2", on: host)
        await stage.web.plant(.redirect(to: "/moved"), at: "/was", on: host)
        await stage.web.plant(Self.page("<title>Moved</title>", "it was /was"), at: "/moved", on: host)
        for (target, robots) in [("/alone", "index, max-image-preview: none"), ("/hidden", "max-snippet:-1, NONE")] {
          let link = target == "/alone" ? "<a href=/was>was</a>" : ""
          let head = "<meta name=robots content='\(robots)'>"
          await stage.web.plant(Self.page(head, target + link), at: target, on: host)
        }
        for target in ["/same1", "/same2"] {
          await stage.web.plant(Self.page("", "the same words"), at: target, on: host)
        }
        try await stage.withDaemon { _ in
          let seeds = ["/", "/one", "/loop1", "/loop2", "/in", "/alone", "/hidden", "/same1", "/same2"]
          try await stage.add("site", seeds: seeds.map { stage.url($0) })
          try await stage.control("wait", "site", "--for", "done")
          try await stage.control("add", "--recrawl", "site")
          try await stage.control("wait", "site-2", "--for", "done")
          var answers: [String: String] = [:]
          for question in Self.questions {
            let task = question == "changes" ? "site-2" : "site"
            answers[question] = try await stage.control(
              "query", "-f", Self.path(question), "--param", "task=\(task)", "--format", "csv")
          }
          for (question, words) in [
            ("broken-links", "/gone,dead,404,client_error"), ("broken-pages", "/gone,404,client_error,1"),
            ("redirect-chains", "2,\"\(stage.url("/r1")) -> \(stage.url("/r2")) -> \(stage.url("/twin"))\",0"),
            ("redirect-chains", "2,\"\(stage.url("/loop1")) -> \(stage.url("/loop2")) -> \(stage.url("/loop1"))\",1"),
            (
              "redirect-chains",
              "3,\"" + ["/in", "/ring1", "/ring2", "/ring1"].map { stage.url($0) }.joined(separator: " -> ") + "\",1"
            ), ("orphan-pages", stage.url("/alone")), ("noindex-pages", "/hidden,\"max-snippet:-1, none\""),
            ("duplicate-pages", "2,\(stage.url("/same1"))"), ("duplicate-pages", "2,\(stage.url("/same2"))"),
            ("duplicate-titles", "Same,2,"), ("canonical-elsewhere", "/one,\(stage.url("/p/1"))"),
            ("noindex-pages", "/one,noindex"), ("external-links", "else.test,1,1,http://else.test/"),
            ("status-codes", "404,client_error,1"), ("status-codes", "302,redirected,8"),
            ("content-types", "text/html,"), ("depth-distribution", "0,6,"), ("exclusions", "robots,"),
            ("robots-exclusions", "/private/"), ("errors-by-host", ":\(stage.site.port),client_error,1"),
            ("missing-descriptions", "/one,Same"), ("missing-headings", "/one"), ("slow-hosts", "http://h0.test:"),
            ("slow-pages", stage.url("/one")), ("large-pages", stage.url("/one")), ("most-linked", stage.url("/twin")),
            ("languages", "utf-8"), ("settings-history", "concurrency,4,,1,"),
          ] {
            let answer = answers[question] ?? ""
            #expect(answer.lowercased().contains(words.lowercased()), "\(question): \(answer)")
          }
          for (question, count) in [("redirect-chains", 4), ("duplicate-pages", 2), ("noindex-pages", 2)] {
            let answer = answers[question] ?? ""
            #expect(answer.split(separator: "\n").count == count + 1, "\(question): \(answer)")
          }
          #expect(answers["orphan-pages"]?.contains("/moved") == false, "\(answers["orphan-pages"] ?? "")")
          // A headline, whatever was found.
          for question in Self.questions { #expect(answers[question]?.isEmpty == false, "\(question)") }
        }
      }
    }

    @Test func everyFileOfTheFolderIsTried() throws {
      try Stage.play { stage in
        let folder = String(Self.path("x").dropLast("/x.sql".utf8.count))
        let listed = try await stage.loop.run("/bin/ls", [folder]).output.split(separator: "\n").map(String.init)
        #expect(listed == Self.questions.map { "\($0).sql" })
      }
    }

    /// Neither the time, nor the disk, nor the memory of who asks too much goes on without end.
    @Test func whatHasNoEndIsEnded() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          let endless =
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, hex(zeroblob(1000000)) FROM n"
          let table = try await stage.crawlctl(["query", endless])
          #expect(table.code == 1 && table.output.isEmpty && table.errors.contains("64 MiB; --json"), "\(table.errors)")
          let line = "exec \"$0\" query \"$1\" --json --limit 1000000000 --timeout 100ms --socket \"$2\" >/dev/null"
          let json = try await stage.loop.run("/bin/sh", ["-c", line, Programs.crawlctl, endless, stage.socket])
          #expect(json.code == 6 && json.errors.contains("--timeout"), "\(json)")
          let none = try await stage.crawlctl(["query", "SELECT 1", "--timeout", "0"])
          #expect(none.code == 2 && none.errors.contains("more than 0"), "\(none)")
        }
      }
    }

    @Test func aTaskThatIsNotThereIsNoTaskWithoutResults() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("docs", ["--paused"], seeds: [stage.url("/")])
          for (task, words) in [("typo", "no task has the name “typo”"), ("do", "task=docs"), ("docs", "")] {
            let ended = try await stage.crawlctl(["query", "-f", Self.path("broken-links"), "--param", "task=\(task)"])
            #expect(ended.code == 0 && (ended.errors.contains(words) || words.isEmpty), "\(ended)")
            #expect(ended.errors.split(separator: "\n").count == (words.isEmpty ? 0 : 1), "\(ended)")
          }
        }
      }
    }

    @Test func formatsParametersAndTheDictionary() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("one", ["--paused"], seeds: [stage.url("/")])
          let sql = "SELECT id, name FROM tasks WHERE name = :name AND id = :id"
          let parameters = ["--param", "name=one", "-p", "id=1"]
          for (options, expected) in [
            (["--format", "csv"], "id,name\n1,one\n"), (["--json"], "{\"id\":1,\"name\":\"one\"}\n"),
            (["--format", "json"], "{\"id\":1,\"name\":\"one\"}\n"), ([], "id  name\n 1  one\n"),
            (["--format", "markdown"], "| id | name |\n| --- | --- |\n| 1 | one |\n"),
          ] {
            #expect(try await stage.control(["query", sql] + parameters + options) == expected)
          }
          for (arguments, code, words) in [
            ([sql], 2, ":name"), (["SELECT 1", "--param", "x=1"], 2, ":x"),
            (["SELECT 1", "--param", "x"], 2, "name=value"),
            (["SELECT 1", "--format", "yaml"], 2, "yaml"), (["DELETE FROM urls"], 2, "DELETE"),
            (["SELECT titel FROM pages"], 1, "titel"),
            (["SELECT 1 FROM page"], 1, "crawlctl query --schema"), (["-f", "/nonexistent"], 2, "/nonexistent"),
          ] {
            let ended = try await stage.crawlctl(["query"] + arguments)
            #expect(ended.code == code && ended.errors.contains(words), "\(arguments): \(ended)")
            #expect(ended.errors.split(separator: "\n").count == 1, "\(ended)")
          }
          let full = try await stage.loop.run(
            "/bin/sh",
            ["-c", "exec \"$0\" query 'SELECT 1' --socket \"$1\" >/dev/full", Programs.crawlctl, stage.socket])
          #expect(full.code == 1 && full.errors == "crawlctl: stdout: No space left on device\n", "\(full)")
          let schema = try await stage.control("query", "--schema")
          #expect(schema.contains("v_broken_links") && schema.contains("links followed from a seed"))
          let columns = try await stage.control("query", "--schema", "--json").split(separator: "\n")
          #expect(columns.allSatisfy { $0.hasPrefix(#"{"table":""#) && !$0.contains(#""meaning":"""#) })
        }
      }
    }
  }
}
