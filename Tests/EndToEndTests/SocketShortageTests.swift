import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// This machine lacks a port or a descriptor: nobody else is to blame, and it is tried again until there is one.
  @Suite struct SocketShortages {
    /// Has connections of the programs with this environment fail.
    private struct SocketFaults: Sendable {
      let environment: [String: String]
      private let path: String

      init(of stage: Stage) throws {
        path = "\(stage.directory)/sockets"
        let library = "\(Programs.directory)/libSocketFaults.so"
        try #require(access(library, R_OK) == 0, "\(library) was not built")
        environment = ["LD_PRELOAD": library, "CRAWLD_TEST_SOCKETS": path]
        try set()
      }

      func set(socket: Int32 = 0, connect: Int32 = 0, route: Int32 = 0) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        // It is mapped by them: a word is written at once.
        let words = [socket, connect, route]
        try #require(words.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) } == words.count * 4)
      }
    }

    @Test(arguments: ["no port", "no descriptor"])
    func aPageWaitsUntilThereIsWhatItLacks(shortage: String) throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        let faults = try SocketFaults(of: stage)
        try await stage.withDaemon(environment: faults.environment) { _ in
          if shortage == "no port" { try faults.set(connect: EADDRNOTAVAIL) } else { try faults.set(socket: EMFILE) }
          try await stage.add("page", ["--robots", "ignore", "--depth", "0"], seeds: [stage.url("/")])
          // More of them than the attempts that it has.
          try await stage.waitForShortages(4)
          #expect(try await stage.control("why", "page").contains("waits for another try after a failure"))
          try faults.set()
          try await stage.control("wait", "page", "--for", "done")
        }
        #expect(try stage.rows("SELECT state, attempts FROM urls WHERE url LIKE '%test:%/'") == [["done", "1"]])
        #expect(try stage.number("SELECT count(*) FROM hosts WHERE blocked_until IS NOT NULL") == 0)
        #expect(await stage.web.log.count == 1)
      }
    }

    /// As an address of IPv6 where that is off: what comes of it would come again.
    @Test func anAddressThatThereIsNoWayToCostsAnAttempt() throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        let faults = try SocketFaults(of: stage)
        try await stage.withDaemon(environment: faults.environment) { _ in
          try faults.set(connect: EADDRNOTAVAIL, route: ENETUNREACH)
          try await stage.add("page", ["--robots", "ignore", "--depth", "0"], seeds: [stage.url("/")])
          while try stage.number("SELECT count(*) FROM fetches") < 1 { try await stage.control("status") }
          #expect(try stage.column("SELECT outcome FROM fetches LIMIT 1") == ["connect_failed"])
          #expect(try stage.number("SELECT attempts FROM urls WHERE url LIKE '%test:%/'") >= 1)
        }
      }
    }

    @Test func aRobotsFileWaitsUntilThereIsWhatItLacks() throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        let faults = try SocketFaults(of: stage)
        try await stage.withDaemon(environment: faults.environment) { _ in
          try faults.set(connect: EADDRNOTAVAIL)
          try await stage.add("robots", seeds: [stage.url("/")])
          // More of them than the tries that it has.
          try await stage.waitForShortages(3)
          var why = ""
          repeat {
            why = try await stage.control("why", stage.url("/"))
          } while !why.contains("robots.txt could not be read") || !why.contains("it is tried again, its URLs wait")
          try faults.set()
          try await stage.control("wait", "robots", "--for", "done")
        }
        #expect(await stage.web.log.entries.map(\.target) == ["/robots.txt", "/"])
        // A quarter of the window of a second lies between two tries.
        let started = "SELECT started_at FROM fetches WHERE url_id IS NULL ORDER BY id"
        let starts = try stage.column(started).compactMap(Int64.init)
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 >= 240_000 }, "\(starts)")
      }
    }
  }
}

extension Stage {
  /// Returns when so many fetches that this machine lacked something for are in the database.
  fileprivate func waitForShortages(_ count: Int) async throws {
    while try number("SELECT count(*) FROM fetches WHERE outcome = 'local_resource'") < count {
      try await control("status")
    }
  }
}
