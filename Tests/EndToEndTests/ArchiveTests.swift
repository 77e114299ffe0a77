import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// Bodies and headers, from the web to the database and to a WARC file that has them byte for byte.
  @Suite struct Archives {
    /// Every byte there is.
    private static let binary = (0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* $0 &+ $0 >> 8) }
    private static let page = Array(
      """
      <title>Start</title><a href=/a>a</a><a href=/b>b</a><a href=/coded>c</a><a href=/binary>d</a><a href=/gone>e</a>
      <a href=/moved>f</a><a href=/cut>g</a><a href=/empty>h</a><a href=/chunks>i</a>
      """.utf8)

    private static func plant(_ stage: Stage) async {
      let (web, name) = (stage.web, "h0.test")
      var start = Response.html(page)
      start.fields += ["Set-Cookie: session=of-the-server", "X-Odd:   kept as it is  "]
      await web.plant(start, Validators(etag: "\"s\""), at: "/start", on: name)
      await web.plant(.html("the same"), at: "/a", on: name)
      await web.plant(.html("the same"), at: "/b", on: name)
      await web.plant(
        Response(fields: ["Content-Type: text/html", "Content-Encoding: gzip"], body: ArchiveFile.gzip(page)),
        at: "/coded",
        on: name)
      await web.plant(Response(fields: ["Content-Type: image/png"], body: binary), at: "/binary", on: name)
      await web.plant(.html("no such page", status: 404), at: "/gone", on: name)
      await web.plant(.redirect(to: "/a"), at: "/moved", on: name)
      await web.plant(
        [.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nonly so much"), .close], at: "/cut", on: name)
      await web.plant(Response(status: 204), at: "/empty", on: name)
      let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n4\r\n two\r\n0\r\n\r\n"
      await web.plant([.send(chunks)], at: "/chunks", on: name)
    }

    private static let bodies: [String: [UInt8]] = [
      "/start": page, "/a": Array("the same".utf8), "/b": Array("the same".utf8), "/coded": page, "/binary": binary,
      "/gone": Array("no such page".utf8), "/moved": Array("moved\n".utf8), "/cut": Array("only so much".utf8),
      "/empty": [],
      "/chunks": Array("one two".utf8),
    ]

    @Test func everyResponseIsThereByteForByte() throws {
      try Stage.play { stage in
        await Self.plant(stage)
        await stage.web.keepFields()
        try stage.configure(
          """
          [credentials.shop]
          origins = ["http://h0.test:\(stage.site.port)"]
          user = "shopper"
          password = "hunter2-of-the-shop"
          """)
        let file = "\(stage.directory)/one.warc.gz"
        try await stage.withDaemon { _ in
          let options = ["--store", "body", "--cookies", "--credentials", "shop", "--header", "X-Mine: yes"]
          try await stage.crawl("one", options, seeds: [stage.url("/start")])
          try await stage.crawl("other", seeds: [stage.url("/a")])
          let said = try await stage.crawlctl(["export", "--format", "warc", "-o", file])
          #expect(said.code == 0 && said.errors.contains("--store body"), "\(said)")
          let json = try await stage.control("export", "one", "--format", "warc", "-o", file, "--force", "--json")
          #expect(json.contains(#""revisits":2"#) && json.contains(#""missing":0"#), "\(json)")
          #expect(try await stage.crawlctl(["export", "--format", "warc", "--rows", "links"]).code == 2)
          try await stage.expectSound()
        }
        try Self.expectAll(in: try ArchiveFile(path: file), stage)
        try Self.expectNoSecrets(in: try ArchiveFile(path: file))
        #expect(try stage.number("SELECT count(*) FROM bodies") == Set(Self.bodies.values).count + 1, "and robots.txt")
        let stored = try stage.rows(
          "SELECT truncated, outcome FROM fetches WHERE response_headers IS NOT NULL AND truncated")
        #expect(Set(stored) == [["1", "truncated"]])
        #expect(await stage.web.log.entries.contains { $0.field("cookie") == "session=of-the-server" })
        #expect(await stage.web.log.entries.contains { $0.field("authorization") != nil })
      }
    }

    /// One answer per fetch, with the bytes that the server sent.
    private static func expectAll(in archive: ArchiveFile, _ stage: Stage) throws {
      #expect(archive.records.first?.type == "warcinfo")
      let answers = archive.records.filter { $0.type == "response" || $0.type == "revisit" }
      let fetches = try stage.rows(
        """
        SELECT coalesce(u.url, '\(stage.url("/robots.txt"))'), f.status, lower(hex(f.body_hash)) FROM fetches f
        LEFT JOIN urls u ON u.id = f.url_id WHERE f.task_id = 1 AND f.status IS NOT NULL ORDER BY f.id
        """)
      #expect(answers.map { $0["WARC-Target-URI"] } == fetches.map { $0[0] ?? "" })
      #expect(Set(answers.map { $0["WARC-Record-ID"] }).count == answers.count)
      #expect(archive.records("request").count == answers.count && archive.records("metadata").count == answers.count)
      var seen: [String: [UInt8]] = [:]
      for (answer, fetch) in zip(answers, fetches) {
        let (head, payload) = answer.message
        let target = String((fetch[0] ?? "").dropFirst(stage.url("").count))
        #expect(head.hasPrefix("HTTP/1.1 \(fetch[1] ?? "") "), "\(head)")
        #expect(answer["WARC-Payload-Digest"] == "sha256:\(fetch[2] ?? "")")
        #expect(answer["WARC-IP-Address"].hasPrefix("127.0."))
        if answer.type == "response" { seen[answer["WARC-Record-ID"]] = payload }
        let body = answer.type == "response" ? payload : seen[answer["WARC-Refers-To"]]
        if let expected = bodies[target] { #expect(body == expected, "\(target)") }
        #expect(answer.type == "response" || payload.isEmpty)
        #expect(answer["WARC-Truncated"] == (target == "/cut" ? "disconnect" : ""))
        if target == "/start" { #expect(head.contains("\r\nX-Odd:   kept as it is  \r\n")) }
        if target == "/coded" {
          #expect(head.contains("\r\nX-Archive-Orig-Content-Encoding: gzip\r\n"))
          #expect(head.hasSuffix("\r\nContent-Length: \(page.count)"))
        }
      }
      // The second of two equal bodies; of the one that was cut there are two tries.
      #expect(
        Set(archive.records("revisit").map { $0["WARC-Refers-To-Target-URI"] }).isSubset(
          of: answers.map { $0["WARC-Target-URI"] }))
    }

    private static func expectNoSecrets(in archive: ArchiveFile) throws {
      for request in archive.records("request") {
        let text = String(decoding: request.block, as: UTF8.self)
        #expect(text.hasPrefix("GET /") && text.hasSuffix("\r\n\r\n") && text.contains("\r\nX-Mine: yes\r\n"))
        #expect(text.contains("\r\nAuthorization: redacted\r\n"))
        #expect(!text.contains("session=") && !text.contains("c2hvcHBlcjp"))
      }
      let requests = archive.records("request").map { String(decoding: $0.block, as: UTF8.self) }
      #expect(requests.contains { $0.contains("\r\nCookie: redacted\r\n") })
    }

    @Test func whatIsNotModifiedNamesTheResponseThatHoldsAndARemovedTaskTakesItsBodies() throws {
      try Stage.play { stage in
        await Self.plant(stage)
        let file = "\(stage.directory)/all.warc.gz"
        try await stage.withDaemon { _ in
          try await stage.crawl("first", ["--store", "all"], seeds: [stage.url("/start")])
          await stage.web.plant(.html("no such page any more", status: 404), at: "/gone", on: "h0.test")
          try await stage.recrawl("first", ["--name", "second"])
          try await stage.control("export", "--format", "warc", "-o", file)
        }
        let archive = try ArchiveFile(path: file)
        let unmodified = archive.records("revisit").filter { $0["WARC-Profile"].hasSuffix("/server-not-modified") }
        #expect(unmodified.count == 1)
        let first = archive.records("response").first { $0["WARC-Target-URI"] == stage.url("/start") }
        #expect(unmodified.first?["WARC-Refers-To"] == first?["WARC-Record-ID"])
        #expect(unmodified.first?["WARC-Refers-To-Date"] == first?["WARC-Date"])
        #expect(unmodified.first?.message.head.hasPrefix("HTTP/1.1 304 ") == true)
        let bodies = try stage.number("SELECT count(*) FROM bodies")
        try await stage.withDaemon { _ in
          try await stage.control("rm", "first")
          try await stage.waitForRemovals()
          #expect(
            try stage.number("SELECT count(*) FROM bodies") == bodies - 2, "a 404's, and robots.txt's")
          try await stage.expectSound()
          try await stage.control("export", "second", "--format", "warc", "-o", file, "--force")
          let left = try ArchiveFile(path: file).records("response").map { $0["WARC-Target-URI"] }
          #expect(left.contains(stage.url("/gone")))
          try await stage.control("rm", "second")
          try await stage.waitForRemovals()
          #expect(try stage.number("SELECT count(*) FROM bodies") == 0)
          try await stage.expectSound()
        }
      }
    }

    /// Its record says so after the crawl that brought it is gone, too.
    @Test func aBodyThatWasCutIsInheritedAsOneThatWas() throws {
      try Stage.play { stage in
        await stage.web.plant(.html("its beginning"), Validators(etag: "\"s\""), at: "/start", on: "h0.test")
        let file = "\(stage.directory)/second.warc.gz"
        try await stage.withDaemon { _ in
          try await stage.crawl("first", ["--store", "body"], seeds: [stage.url("/start")])
          // As if it had more than can be stored.
          try stage.write("UPDATE fetches SET truncated = 1 WHERE url_id IS NOT NULL")
          try await stage.recrawl("first", ["--name", "second"])
          try await stage.control("rm", "first")
          try await stage.waitForRemovals()
          try await stage.control("export", "second", "--format", "warc", "-o", file)
        }
        let answers = try ArchiveFile(path: file).records("response").filter {
          $0["WARC-Target-URI"] == stage.url("/start")
        }
        #expect(answers.map { $0["WARC-Truncated"] } == ["length"])
        #expect(answers.first?.message.payload == Array("its beginning".utf8))
      }
    }

    /// It is left out, said and counted, and all others are there.
    @Test func aRequestThatNamesNoURLEndsNoExport() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        let file = "\(stage.directory)/one.warc.gz"
        try await stage.withDaemon { _ in
          try await stage.crawl("one", ["--store", "body"], seeds: [stage.url("/")])
          // An empty frame of zstd.
          try stage.write("UPDATE fetches SET request_headers = x'28b52ffd2000010000' WHERE id = 2")
          let said = try await stage.crawlctl(["export", "--format", "warc", "-o", file])
          #expect(said.code == 0)
          #expect(said.errors == "crawlctl: 1 answer is not in it: its stored request names no URL\n")
          let json = try await stage.control("export", "--format", "warc", "-o", file, "--force", "--json")
          #expect(json.contains(#""unclear":1"#), "\(json)")
        }
        #expect(try ArchiveFile(path: file).records("response").count == 3, "robots.txt and two pages")
      }
    }

    /// It is left out, said and counted, the exit code tells it, and no record names its.
    @Test func whatIsDamagedIsSaid() throws {
      try Stage.play { stage in
        await stage.web.plant(.links(["/1", "/2", "/3", "/4"]), at: "/start", on: "h0.test")
        for (target, text) in [("/1", "the same"), ("/2", "the same"), ("/3", "another"), ("/4", "a third")] {
          await stage.web.plant(.html(text), Validators(etag: "\"s\""), at: target, on: "h0.test")
        }
        let file = "\(stage.directory)/all.warc.gz"
        try await stage.withDaemon { _ in
          try await stage.crawl("first", ["--store", "body"], seeds: [stage.url("/start")])
          try await stage.recrawl("first", ["--name", "second"])
        }
        let id = { (target: String) in "(SELECT min(id) FROM urls WHERE url LIKE '%\(target)')" }
        // A body of two fetches that is another, a lost one, and a header section.
        try stage.write(
          """
          UPDATE bodies SET bytes = x'00', codec = 'none'
            WHERE hash = (SELECT body_hash FROM fetches WHERE url_id = \(id("/1")));
          DELETE FROM bodies WHERE hash = (SELECT body_hash FROM fetches WHERE url_id = \(id("/3")));
          UPDATE fetches SET response_headers = x'00' WHERE url_id = \(id("/4"));
          """)
        let arguments = ["export", "--format", "warc", "--database", stage.database, "-o", file]
        let said = try await stage.crawlctl(arguments)
        let sentence =
          "crawlctl: 4 answers are not in it: what is stored of them is damaged or lost (crawlctl doctor says more)\n"
        #expect(said.code == 8 && said.errors == sentence, "\(said)")
        let json = try await stage.crawlctl(arguments + ["--force", "--json"])
        #expect(json.code == 8 && json.output.contains(#""damaged":4"#) && json.errors == sentence, "\(json)")
        let archive = try ArchiveFile(path: file)
        let unmodified = archive.records("revisit").filter { $0["WARC-Profile"].hasSuffix("/server-not-modified") }
        #expect(unmodified.count == 4)
        let named = Set(archive.records("response").map { $0["WARC-Record-ID"] })
        for revisit in archive.records("revisit") {
          #expect(revisit["WARC-Refers-To"] == "" || named.contains(revisit["WARC-Refers-To"]))
        }
        #expect(unmodified.map { $0["WARC-Refers-To"] } == ["", "", "", ""])
        #expect(Set(unmodified.map { $0["WARC-Refers-To-Target-URI"] }) == Set((1...4).map { stage.url("/\($0)") }))
      }
    }

    /// The record of what is left out is not named either, by the 304 of a later crawl.
    @Test func whatIsNotModifiedNamesNoResponseThatWasLeftOut() throws {
      try Stage.play { stage in
        await stage.web.plant(.html("as it was"), Validators(etag: "\"s\""), at: "/start", on: "h0.test")
        let file = "\(stage.directory)/all.warc.gz"
        try await stage.withDaemon { _ in
          try await stage.crawl("first", ["--store", "body"], seeds: [stage.url("/start")])
          try stage.write(
            """
            UPDATE fetches SET request_headers = x'28b52ffd2000010000'
            WHERE url_id = (SELECT id FROM urls WHERE url LIKE '%/start')
            """)
          try await stage.recrawl("first", ["--name", "second"])
          try await stage.control("export", "--format", "warc", "-o", file)
        }
        let archive = try ArchiveFile(path: file)
        let revisits = archive.records("revisit").filter { $0["WARC-Profile"].hasSuffix("/server-not-modified") }
        #expect(revisits.count == 1)
        #expect(revisits.first?["WARC-Refers-To"] == "")
        #expect(revisits.first?["WARC-Refers-To-Target-URI"] == stage.url("/start"))
        #expect(!archive.records("response").contains { $0["WARC-Target-URI"] == stage.url("/start") })
      }
    }

    /// What the earlier crawl has of the page is a revisit itself, or not, by which of the two was first.
    @Test func whatIsNotModifiedNamesTheResponseAlsoOfABodyThatCameUpTwice() throws {
      try Stage.play { stage in
        await stage.web.plant(.links(["/1", "/2"]), at: "/start", on: "h0.test")
        for target in ["/1", "/2"] {
          await stage.web.plant(.html("the same"), Validators(etag: "\"s\""), at: target, on: "h0.test")
        }
        let (file, alone) = ("\(stage.directory)/all.warc.gz", "\(stage.directory)/second.warc.gz")
        try await stage.withDaemon { _ in
          try await stage.crawl("first", ["--store", "body"], seeds: [stage.url("/start")])
          try await stage.recrawl("first", ["--name", "second"])
          try await stage.control("export", "--format", "warc", "-o", file)
          try await stage.control("export", "second", "--format", "warc", "-o", alone)
        }
        let body = Array("the same".utf8)
        let response = try ArchiveFile(path: file).records("response").first { $0.message.payload == body }
        for path in [file, alone] {
          let unmodified = try ArchiveFile(path: path).records("revisit").filter {
            $0["WARC-Profile"].hasSuffix("/server-not-modified")
          }
          #expect(unmodified.count == 2)
          for field in ["WARC-Record-ID", "WARC-Target-URI", "WARC-Date"] {
            let name = field == "WARC-Record-ID" ? "WARC-Refers-To" : field.replacing("WARC-", with: "WARC-Refers-To-")
            #expect(Set(unmodified.map { $0[name] }) == [response?[field] ?? "none"], "\(path) \(field)")
          }
        }
      }
    }

    /// Killed in the middle: no fetch without its body, no body without a fetch.
    @Test func aKilledDaemonLosesAndDoublesNoBody() throws {
      try Stage.play(Site(hosts: 1, pages: 120)) { stage in
        for (place, requests) in [20, 50, 80].enumerated() {
          try await stage.withDaemon { daemon in
            if place == 0 { try await stage.add("one", ["--store", "all"], seeds: [stage.url("/")]) }
            try await stage.web.waitForRequests(requests)
            try await daemon.kill()
          }
        }
        let file = "\(stage.directory)/one.warc.gz"
        try await stage.withDaemon { _ in
          try await stage.control("wait", "one", "--for", "done")
          try await stage.control("export", "--format", "warc", "-o", file)
        }
        try await stage.expectSound()
        let answers = try ArchiveFile(path: file).records("response")
        #expect(answers.count == 121)
        for page in 0..<120 {
          let url = stage.url(stage.site.target(ofPage: page))
          let answer = answers.first { $0["WARC-Target-URI"] == url }
          #expect(answer?.message.payload == stage.site.html(host: 0, page: page), "\(url)")
        }
      }
    }
  }
}
