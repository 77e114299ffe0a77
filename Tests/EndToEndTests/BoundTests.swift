import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// Bounds of the whole daemon: what happens when they are reached, and that it goes on afterwards.
  @Suite struct Bounds {
    /// Bodies that are half here hold the start of others up.
    @Test func bodiesInMemoryHoldFetchesUp() throws {
      try Stage.play(Site(hosts: 2, pages: 1)) { stage in
        let half = String(repeating: "<p>a few words</p>\n", count: 40_000)
        await stage.web.setScript { name, target, visit in
          guard name == "h0.test", target.hasPrefix("/large/"), visit == 1 else { return nil }
          let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: \(half.utf8.count)\r\n\r\n"
          return [.send(head + half.prefix(half.count - 1)), .hold, .send("\n")]
        }
        try stage.replaceConfiguration("[daemon]\nshutdown_grace = 0\n[fetch]\nmax_bodies = \"1MiB\"\n")
        try await stage.withDaemon { _ in
          try await stage.add("large", ["--depth", "0"], seeds: (0..<4).map { stage.url("/large/\($0)") })
          try await stage.web.waitForHolds(2)
          while try await !stage.control("status").contains("no fetch starts: bodies of ") {}
          try await stage.add("other", seeds: [stage.url("/", host: 1)])
          #expect(try await stage.control("why", "other").contains("bodies of "))
          #expect(await stage.web.requests(on: "h1.test") == 0)
          await stage.web.setScript(nil)
          await stage.web.release()
          try await stage.control("wait", "other", "--for", "done")
          _ = try await stage.crawlctl(["wait", "large", "--for", "done"])
        }
        try await stage.expectSound()
      }
    }

    /// 150 bodies of 2 MB come at once, and there is room for 16 of them: the servers of the others wait.
    @Test func bodiesInMemoryHoldEachOtherUp() throws {
      var site = Site(hosts: 250, pages: 1)
      site.filler = 2_000_000
      try Stage.play(site) { stage in
        let site = stage.site
        await stage.web.setScript { name, target, _ in
          guard target == "/", let host = site.host(named: name) else { return nil }
          let bytes = Response.html(site.html(host: host, page: 0)).serialised()
          return [.send(Array(bytes.prefix(100_000))), .hold, .send(Array(bytes.dropFirst(100_000)))]
        }
        try stage.replaceConfiguration("[fetch]\nmax_bodies = \"32MiB\"\n")
        let (footprint, _) = try await stage.withDaemon { daemon in
          try await stage.add("heavy", seeds: (0..<site.hosts).map { stage.url("/", host: $0) })
          try await stage.web.waitForHolds(site.hosts)
          await stage.web.release()
          try await stage.control("wait", "heavy", "--for", "done")
          return Footprint(of: daemon.process.id)
        }
        #expect(footprint.highestBytes < 288 << 20, "\(footprint)")
        try await stage.expectComplete(hosts: Array(0..<site.hosts))
      }
    }

    @Test func fetchesInFlightAreBounded() throws {
      try Stage.play(Site(hosts: 3, pages: 1)) { stage in
        await stage.web.setScript { _, target, visit in
          target == "/" && visit == 1 ? [.hold, .send(Response.html("<title>one</title>"))] : nil
        }
        try stage.replaceConfiguration("[daemon]\nshutdown_grace = 0\n[fetch]\nmax_in_flight = 2\n")
        try await stage.withDaemon { _ in
          try await stage.add("three", ["--robots", "ignore"], seeds: (0..<3).map { stage.url("/", host: $0) })
          try await stage.web.waitForHolds(2)
          #expect(try await stage.control("status").contains("the daemon's maximum of 2 fetches is in flight"))
          #expect(await stage.web.log.count == 2)
          await stage.web.setScript(nil)
          await stage.web.release()
          try await stage.web.waitForRequests(3)
        }
      }
    }

    /// While nothing can be committed, no more is fetched than may wait for it.
    @Test func visitsThatWaitForTheirCommitHoldFetchesUp() throws {
      try Stage.play(Site(hosts: 1, pages: 4_000)) { stage in
        try stage.configure("[store]\nmax_uncommitted_visits = 3\n")
        try await stage.withDaemon { _ in
          try await stage.add("waiting", ["--paused"], seeds: [stage.url("/")])
          let holder = try Holder(stage.database, "SELECT 1")
          try await stage.control("resume", "waiting")
          try await stage.web.waitForRequests(3)
          try holder.execute("BEGIN IMMEDIATE")
          while try await !stage.control("status").contains("no fetch starts: ") {}
          try await stage.web.settle()
          let count = await stage.web.log.count
          _ = try await stage.control("status")
          #expect(await stage.web.log.count == count && count < 4_000)
          holder.close()
          try await stage.control("wait", "waiting", "--for", "done")
        }
        try await stage.expectComplete(hosts: [0])
      }
    }

    @Test func tasksThatAreThereAreBounded() throws {
      try Stage.play { stage in
        try stage.configure("[tasks]\nmax_tasks = 2\n")
        try await stage.withDaemon { _ in
          for name in ["one", "two"] { try await stage.add(name, seeds: [stage.url("/")]) }
          let refused = try await stage.crawlctl(["add", stage.url("/")])
          #expect(refused.code == 5 && refused.errors.contains("2 tasks are there, as many as may be"), "\(refused)")
          try await stage.control("wait", "one", "--for", "done")
          try await stage.control("rm", "one")
          while try await stage.control("ls", "--json").contains("\"one\"") {}
          try await stage.add("three", seeds: [stage.url("/")])
        }
      }
    }

    /// Nobody reads the log: lines are dropped and counted, and everything else goes on.
    @Test func aLogThatNobodyReadsHoldsNothingUp() throws {
      try Stage.play { stage in
        let status = try await stage.withLoneDaemon { daemon in
          try #require(await daemon.waitForLine("is ready: ") != nil)
          let connection = try await stage.loop.connect(to: .unix(path: stage.socket))
          let reload = { (number: Int) in
            try await connection.write(#"{"jsonrpc":"2.0","id":\#(number),"method":"daemon.reload"}"# + "\n")
            let reply = String(decoding: try await connection.readLine(limit: 4_096) ?? [], as: UTF8.self)
            #expect(reply.contains("the configuration is "))
          }
          // Far more than a pipe holds.
          for number in 0..<3_000 { try await reload(number) }
          // What the pipe holds is read, and then there is room for a word about the rest.
          async let line = daemon.waitForLine("lines before this one were dropped: nobody read the log")
          for number in 0..<100 { try await reload(number) }
          #expect(try await line != nil)
          connection.close()
          try daemon.process.send(signal: SIGTERM)
          #expect(try await daemon.waitForLine("stopped; everything is committed") != nil)
        }
        #expect(status.isSuccess)
      }
    }

    /// A terminal takes parts of a line: what it did not take follows, and nothing waits for who looks at it.
    @Test func aTerminalThatNobodyLooksAtHoldsNothingUp() throws {
      try Stage.play { stage in
        try stage.replaceConfiguration("[daemon]\nlog_format = \"json\"\n")
        let terminal = try Terminal()
        let shell = ["/bin/sh", "-c", "exec \"$@\" 2>\(terminal.path)", "sh"]
        let (_, status) = try await stage.withDaemon(under: shell) { _ in
          let connection = try await stage.loop.connect(to: .unix(path: stage.socket))
          let reload = { (number: Int) in
            try await connection.write(#"{"jsonrpc":"2.0","id":\#(number),"method":"daemon.reload"}"# + "\n")
            let reply = String(decoding: try await connection.readLine(limit: 4_096) ?? [], as: UTF8.self)
            #expect(reply.contains("the configuration is "))
          }
          for number in 0..<2_000 { try await reload(number) }
          // What the terminal holds is looked at, and then there is room again.
          var screen = terminal.read()
          while !screen.contains("lines before this one were dropped") || !screen.hasSuffix("\n") {
            try await reload(0)
            screen += terminal.read()
          }
          connection.close()
          #expect(screen.split(separator: "\n").allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") }, "\(screen)")
        }
        #expect(status.isSuccess)
      }
    }
  }
}
