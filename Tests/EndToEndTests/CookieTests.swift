import EventLoop
import Synchronization
import TestWeb
import Testing

extension EndToEndTests {
  /// Cookies, judged by the requests that the server saw and by the table.
  @Suite struct Cookies {
    /// A shop that begins a session with a redirect, and sets cookies of all kinds on its way.
    private func plant(_ stage: Stage) async {
      await stage.web.keepFields()
      func plant(_ target: String, _ cookies: [String], _ response: Response) async {
        var response = response
        response.fields += cookies.map { "Set-Cookie: \($0)" }
        await stage.web.plant(response, at: target, on: "h0.test")
      }
      await plant("/robots.txt", ["robots=1"], .text("User-agent: *\nAllow: /\n"))
      await plant(
        "/", ["session=abc; HttpOnly; Path=/", "cart=1; Path=/cart", "bad=1; Domain=test"], .redirect(to: "/in"))
      await plant(
        "/in", ["seen=in; Max-Age=600", "s=1; Secure"], .html("<a href=/cart/x>c</a><a href='\(other(stage))'>o</a>"))
      await plant("/cart/x", ["cart=2; Path=/cart", "seen=; Max-Age=0; Path=/"], .html("<a href=/cart/y>y</a>"))
      await plant("/cart/y", [], .html("<a href=/out>o</a>"))
      await plant("/out", ["session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/"], .html("<a href=/end>e</a>"))
      await plant("/end", [], .html("<p>end"))
      await stage.web.plant(.html("<p>other"), at: "/other", on: "h1.test")
    }

    private func other(_ stage: Stage) -> String { stage.url("/other", host: 1) }

    /// What each page was asked for with, one task after the other.
    private func cookies(_ stage: Stage) async -> [String] {
      await stage.web.log.entries.map { "\($0.target) \($0.field("cookie") ?? "-")" }
    }

    private static let session = [
      "/robots.txt -", "/ -", "/in session=abc", "/cart/x cart=1; session=abc; seen=in", "/cart/y cart=2; session=abc",
      "/out session=abc", "/end -",
    ]

    @Test func aTaskKeepsItsOwnAndOnlyIfItSaysSo() throws {
      try Stage.play(Site(hosts: 2, pages: 1)) { stage in
        await plant(stage)
        let options = ["--scope", "any", "--concurrency", "1"]
        try await stage.withDaemon { _ in
          try await stage.add("none", options, seeds: [stage.url("/")])
          try await stage.control("wait", "none", "--for", "done")
          #expect(await stage.web.log.entries.allSatisfy { $0.field("cookie") == nil })
          for name in ["first", "second"] {
            await stage.web.resetLog()
            try await stage.add(name, options + ["--cookies"], seeds: [stage.url("/")])
            try await stage.control("wait", name, "--for", "done")
            let all = await cookies(stage)
            #expect(all.filter { !$0.hasPrefix("/other") } == Self.session.filter { $0 != "/robots.txt -" })
            #expect(all.contains("/other -"))
          }
        }
        let rows = try stage.rows(
          "SELECT t.name, c.domain, c.path, c.name, c.value, c.host_only, c.secure FROM cookies c JOIN tasks t ON t.id = task_id"
        )
        #expect(rows == ["first", "second"].map { [$0, "h0.test", "/cart", "cart", "2", "1", "0"] })
        try await stage.expectSound()
      }
    }

    /// The daemon is killed at every request; what was committed goes on, and no page is asked for with less.
    @Test func aJarOutlivesTheDaemon() throws {
      try Stage.play(Site(hosts: 2, pages: 1)) { stage in
        await plant(stage)
        for requests in 1...Self.session.count {
          try await stage.withDaemon { daemon in
            if requests == 1 {
              try await stage.add("shop", ["--cookies", "--concurrency", "1"], seeds: [stage.url("/")])
            }
            try await stage.web.waitForRequests(max(requests, await stage.web.requests()))
            try await daemon.kill()
          }
        }
        try await stage.withDaemon { _ in try await stage.control("wait", "shop", "--for", "done") }
        for request in await cookies(stage) { #expect(Self.session.contains(request), "\(request)") }
        let targets = Set(await stage.web.log.entries.map(\.target))
        #expect(targets == Set(Self.session.map { String($0.prefix { $0 != " " }) }))
        #expect(try stage.column("SELECT name || value FROM cookies") == ["cart2"])
        try await stage.expectSound()
      }
    }

    /// Those of Shift_JIS are two replacement characters in the log, and would be others if they were taken for characters.
    @Test func bytesThatAreNoUTF8GoBackAlsoAfterARestart() throws {
      try Stage.play { stage in
        await stage.web.keepFields()
        await stage.web.setScript { _, target, _ in
          let next = ["/": "/1", "/1": "/2", "/2": "/3"][target]
          guard target == "/3" || next != nil else { return nil }
          let body = next.map { "<a href=\($0)>next</a>" } ?? "end"
          let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: \(body.utf8.count)\r\n"
          var answer = Array(head.utf8)
          if target == "/" {
            answer += "Set-Cookie: n=".utf8
            answer += [0x93, 0xFA]
            answer += "\r\nSet-Cookie: u=é\r\n".utf8
          }
          answer += "\r\n\(body)".utf8
          return [.send(answer)]
        }
        for requests in 1...4 {
          try await stage.withDaemon { daemon in
            if requests == 1 {
              try await stage.add("t", ["--cookies", "--robots", "ignore"], seeds: [stage.url("/")])
            }
            try await stage.web.waitForRequests(max(requests, await stage.web.requests()))
            try await daemon.kill()
          }
        }
        try await stage.withDaemon { _ in try await stage.control("wait", "t", "--for", "done") }
        let asked = await Set(cookies(stage))
        #expect(asked == Set(["/ -"] + (1...3).map { "/\($0) n=\u{FFFD}\u{FFFD}; u=é" }))
        #expect(try stage.column("SELECT hex(value) FROM cookies ORDER BY name") == ["EEBE93EEBFBA", "C3A9"])
        try await stage.expectSound()
      }
    }

    /// Each challenge begins a session, and its nonce is good in that one alone.
    @Test func theAnswerToAChallengeCarriesItsSession() throws {
      try Stage.play { stage in
        await stage.web.keepFields()
        await stage.web.setScript { _, target, visit in
          guard target.hasPrefix("/wiki") else { return nil }
          if visit == 2 { return [.send(Response.html("<p>in"))] }
          var challenge = Response(
            status: 401, fields: ["WWW-Authenticate: Digest realm=\"w\", nonce=\"n\", qop=\"auth\""])
          challenge.fields.append("Set-Cookie: session\(target.count)=\(visit); Path=/wiki")
          return [.send(challenge)]
        }
        try stage.configure(
          """
          [credentials.wiki]
          origins = ["http://h0.test:\(stage.site.port)"]
          user = "reader"
          password = "hunter2"
          scheme = "digest"
          """)
        let options = ["--cookies", "--robots", "ignore", "--credentials", "wiki", "--concurrency", "1"]
        try await stage.withDaemon { _ in
          try await stage.add("wiki", options, seeds: [stage.url("/wiki"), stage.url("/wiki/in")])
          try await stage.control("wait", "wiki", "--for", "done")
        }
        #expect(
          await cookies(stage) == [
            "/wiki -", "/wiki session5=1", "/wiki/in session5=1", "/wiki/in session5=1; session8=1",
          ])
        let cookies = try stage.column("SELECT name || '=' || value FROM cookies ORDER BY name")
        #expect(cookies == ["session5=1", "session8=1"])
        #expect(try stage.number("SELECT count(*) FROM fetches WHERE outcome = 'ok'") == 2)
        try await stage.expectSound()
      }
    }

    /// As a page does that asks for consent; one that is never content ends as a chain of redirects.
    @Test func aRedirectToItselfIsFollowedIfThereAreOtherCookies() throws {
      try Stage.play { stage in
        let host = "h0.test"
        await stage.web.keepFields()
        await stage.web.setScript { _, target, visit in
          var redirect = Response.redirect(to: target)
          switch (target, visit) {
          case ("/consent", 1): redirect.fields.append("Set-Cookie: consent=yes; Path=/")
          case ("/consent", _): return [.send(Response.html("<title>Welcome</title>"))]
          case ("/same", _): redirect.fields.append("Set-Cookie: same=yes; Path=/same")
          case ("/more", _): redirect.fields.append("Set-Cookie: more=\(visit); Path=/more")
          default: return nil
          }
          return [.send(redirect)]
        }
        try await stage.withDaemon { _ in
          for name in ["consent", "same", "more"] {
            try await stage.add(name, ["--cookies", "--robots", "ignore"], seeds: [stage.url("/\(name)", on: host)])
            _ = try await stage.crawlctl(["wait", name, "--for", "done"])
          }
        }
        let asked = await cookies(stage)
        #expect(asked.filter { $0.hasPrefix("/consent") } == ["/consent -", "/consent consent=yes"])
        #expect(asked.filter { $0.hasPrefix("/same") } == ["/same -", "/same same=yes"])
        #expect(asked.filter { $0.hasPrefix("/more") }.count == 11, "ten redirects at most")
        let rows = try stage.rows(
          "SELECT name, u.state, u.reason FROM urls u JOIN tasks t ON t.id = task_id ORDER BY u.id")
        #expect(
          rows == [
            ["consent", "done", nil], ["same", "done", "redirected"], ["more", "excluded", "redirect_limit"],
          ])
        #expect(try stage.column("SELECT title FROM pages") == ["Welcome"])
        try await stage.expectSound()
      }
    }

    /// As where a session begins, or consent is asked for: the page sends to another one, which sets a cookie and sends back.
    /// Where nothing is set on the way, and where there is no end of it, the page is not asked for for ever.
    @Test func aDetourThatSetsCookiesLeadsBackToItsPage() throws {
      try Stage.play(Site(hosts: 2, pages: 1)) { stage in
        let welcome = stage.url("/welcome", on: "h0.test")
        let login = stage.url("/login", on: "h1.test")
        await stage.web.keepFields()
        await stage.web.setScript { _, target, visit in
          switch (target, visit) {
          case ("/welcome", 1): return [.send(.redirect(to: login))]
          case ("/welcome", _): return [.send(Response.html("<title>Welcome</title>"))]
          case ("/login", _): return [.send(.redirect(to: stage.url("/check", on: "h0.test")))]
          case ("/check", _):
            var redirect = Response.redirect(to: welcome)
            redirect.fields.append("Set-Cookie: session=1; Path=/")
            return [.send(redirect)]
          case ("/none", _): return [.send(.redirect(to: "/there"))]
          case ("/there", _): return [.send(.redirect(to: "/none"))]
          case ("/ever", _), ("/more", _):
            var redirect = Response.redirect(to: target == "/ever" ? "/more" : "/ever")
            redirect.fields.append("Set-Cookie: visit\(target.dropFirst())=\(visit); Path=/")
            return [.send(redirect)]
          default: return nil
          }
        }
        try await stage.withDaemon { _ in
          for name in ["welcome", "none", "ever"] {
            let options = ["--cookies", "--robots", "ignore", "--scope", "any"]
            try await stage.add(name, options, seeds: [stage.url("/\(name)", on: "h0.test")])
            _ = try await stage.crawlctl(["wait", name, "--for", "done"])
          }
        }
        let asked = await cookies(stage)
        #expect(asked.prefix(4) == ["/welcome -", "/login -", "/check -", "/welcome session=1"])
        #expect(asked.dropFirst(4).prefix(2) == ["/none -", "/there -"])
        #expect(asked.dropFirst(6).count == 11, "ten redirects at most: \(asked)")
        #expect(try stage.column("SELECT title FROM pages") == ["Welcome"])
        #expect(try stage.column("SELECT state FROM tasks ORDER BY id") == ["finished", "failed", "failed"])
        #expect(try stage.number("SELECT count(*) FROM urls WHERE state <> 'done'") == 0)
        try await stage.expectSound()
      }
    }

    /// A page that is there for who has a cookie, which a detour sets, has not moved, and is counted once.
    @Test func aPageBehindADetourHasNotMoved() throws {
      try Stage.play { stage in
        let shop = stage.url("/shop")
        let gate = Mutex(0)
        await stage.web.keepFields()
        await stage.web.setScript { _, target, _ in
          switch target {
          case "/shop":
            // The first request of each crawl has no cookie.
            let visit = gate.withLock { visits in
              visits += 1
              return visits
            }
            if visit % 2 == 1 { return [.send(.redirect(to: "/consent"))] }
            return [.send(Response.html("<title>Shop</title><a href=/item>i</a>"))]
          case "/consent":
            var redirect = Response.redirect(to: "/shop")
            redirect.fields.append("Set-Cookie: consent=1; Path=/")
            return [.send(redirect)]
          case "/item": return [.send(Response.html("<title>Item</title>"))]
          default: return nil
          }
        }
        try await stage.withDaemon { _ in
          try await stage.crawl("first", ["--cookies", "--robots", "ignore"], seeds: [shop])
          try await stage.recrawl("first", ["--name", "second"])
        }
        let changes = "SELECT url || ' ' || change FROM v_changes WHERE task = 'second' ORDER BY 1"
        #expect(try stage.column(changes) == ["\(stage.url("/item")) unchanged", "\(shop) unchanged"])
        #expect(try stage.rows("SELECT unchanged, moved FROM v_tasks WHERE name = 'second'") == [["2", "0"]])
        try await stage.expectSound()
      }
    }

    @Test func settingsOfALiveTaskTurnItsJarOffAndOn() throws {
      try Stage.play { stage in
        await stage.web.keepFields()
        for number in 0..<3 {
          var page = Response.html("<a href=/\(number + 1)>n</a>")
          if number == 0 { page.fields.append("Set-Cookie: a=1; Path=/") }
          await stage.web.plant(
            number == 0 ? [.send(page.serialised())] : [.hold, .send(page.serialised())], at: "/\(number)",
            on: "h0.test")
        }
        try await stage.withDaemon { _ in
          try await stage.add("task", ["--cookies", "--robots", "ignore"], seeds: [stage.url("/0")])
          for (holds, setting) in [(1, "off"), (2, "on")] {
            try await stage.web.waitForHolds(holds)
            try await stage.control("set", "task", "cookies=\(setting)")
            await stage.web.release()
          }
          try await stage.control("wait", "task", "--for", "done")
        }
        #expect(await cookies(stage) == ["/0 -", "/1 a=1", "/2 -", "/3 a=1"])
      }
    }
  }
}
