import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// A daemon that has little of something, or is kept from it for a while: the crawl comes to its exact end, whoever asks
  /// is answered, and the reason is told. `scripts/soak starve` has more of each.
  @Suite struct Starve {
    static let isLong = Soak.number("STARVE", usual: 0) > 0
    static let limit: Duration = .seconds(isLong ? 3_600 : 120)

    /// Half of the descriptors are for fetching; the control socket and the database share the rest.
    @Test func sixtyFourDescriptors() throws {
      let site = Site(hosts: Self.isLong ? 500 : 150, pages: Self.isLong ? 20 : 10)
      try Stage.play(site, limit: Self.limit) { stage in
        let few = ["/bin/sh", "-c", "ulimit -n 64 && exec \"$@\"", "sh"]
        let (questions, status) = try await stage.withDaemon(under: few) { daemon in
          // More clients than there is room for: who waits for nothing makes it.
          var clients: [Connection] = []
          for _ in 0..<32 { clients.append(try await stage.loop.connect(to: .unix(path: stage.socket))) }
          defer { for client in clients { client.close() } }
          try await stage.add("few", seeds: (0..<site.hosts).map { stage.url("/", host: $0) })
          var questions = Questions()
          try await questions.ask(stage, daemon, untilDone: "few")
          return questions
        }
        #expect(status.isSuccess)
        #expect(questions.descriptors <= 64 && questions.descriptors > 32)
        try await stage.expectComplete(hosts: Array(0..<site.hosts))
        Soak.say(
          "64 descriptors: \(site.hosts) hosts of \(site.pages) pages, none lost, none twice; at most "
            + "\(questions.descriptors) open; \(questions.description)")
      }
    }

    /// Pages of 200 kB from many hosts at once. A quarter of the memory is for bodies, and fetches in flight are few.
    @Test func aQuarterOfAGibibyteOfMemory() throws {
      var site = Site(
        hosts: Self.isLong ? Soak.number("STARVE_HOSTS", usual: 3_000) : 60,
        pages: Self.isLong ? Soak.number("STARVE_PAGES", usual: 8) : 4)
      site.filler = 200_000
      try Stage.play(site, limit: Self.limit) { [site] stage in
        try stage.replaceConfiguration("[fetch]\nmax_bodies = \"64MiB\"\nmax_in_flight = 500\n")
        let ((questions, footprint), status) = try await stage.withDaemon { daemon in
          try await stage.add("large", ["--paused"], seeds: [stage.url("/")])
          for start in stride(from: 0, to: site.hosts, by: 500) {
            let hosts = start..<min(site.hosts, start + 500)
            try await stage.control(["offer", "large"] + hosts.map { stage.url("/", host: $0) })
          }
          try await stage.control("resume", "large")
          var questions = Questions()
          try await questions.ask(stage, daemon, untilDone: "large")
          return (questions, Footprint(of: daemon.process.id))
        }
        #expect(status.isSuccess)
        #expect(footprint.highestBytes < 256 << 20, "\(footprint)")
        try await stage.expectComplete(hosts: Array(0..<site.hosts))
        Soak.say(
          "256 MiB: \(site.hosts) hosts of \(site.pages) pages of 200 kB, none lost, none twice; at most "
            + "\(footprint.highestBytes >> 20) MiB resident; \(questions.description)")
      }
    }

    /// Of each tenth of a second the daemon has one hundredth.
    @Test func aTenthOfTheProcessor() throws {
      let site = Site(hosts: 10, pages: Self.isLong ? 600 : 60)
      try Stage.play(site, limit: Self.limit) { stage in
        let began = Instant.monotonicNow
        let (questions, status) = try await stage.withDaemon { daemon in
          try await stage.add("slow", seeds: (0..<site.hosts).map { stage.url("/", host: $0) })
          let throttle = Throttle(daemon.process, stage.loop)
          defer { throttle.end() }
          var questions = Questions()
          try await questions.ask(stage, daemon, untilDone: "slow")
          return questions
        }
        #expect(status.isSuccess)
        try await stage.expectComplete(hosts: Array(0..<site.hosts))
        let seconds = (Instant.monotonicNow - began) / .seconds(1)
        Soak.say(
          "a tenth of the processor: \(site.hosts * site.pages) pages in \(Int(seconds)) s, none lost, none twice; "
            + questions.description)
        if Self.isLong { #expect(seconds < 600) }
      }
    }

    /// Somebody's shell keeps the database for itself.
    @Test func anExclusiveTransactionOfSomebodyElse() throws {
      let seconds = Self.isLong ? Soak.number("STARVE_SECONDS", usual: 60) : 0
      try Stage.play(Site(hosts: 2, pages: 400), limit: Self.limit) { stage in
        let (questions, status) = try await stage.withDaemon { daemon in
          try await stage.add("locked", seeds: [stage.url("/"), stage.url("/", host: 1)])
          try await stage.web.waitForRequests(60)
          let holder = try Holder(stage.database, "BEGIN EXCLUSIVE")
          try await stage.expectHold("database", of: "locked", saying: "locked")
          let requests = await stage.web.log.count
          let end = Instant.monotonicNow + .seconds(seconds)
          var questions = Questions()
          try await questions.ask(stage, daemon, about: "locked") { Instant.monotonicNow >= end }
          // What was in flight when it began, and no more.
          #expect(await stage.web.log.count == requests)
          holder.close()
          try await stage.control("wait", "locked", "--for", "done")
          #expect(!(try await stage.control("status")).contains("warning"))
          return questions
        }
        #expect(status.isSuccess)
        try await stage.expectComplete(hosts: [0, 1])
        Soak.say(
          "BEGIN EXCLUSIVE for \(seconds) s: no fetch meanwhile, none lost, none twice; \(questions.description)")
      }
    }

    /// Somebody reads one old state for long.
    @Test func aSnapshotThatIsHeldForLong() throws {
      let seconds = Self.isLong ? Soak.number("STARVE_READER_SECONDS", usual: 600) : 0
      let site = Site(hosts: 20, pages: Self.isLong ? 10 * seconds : 60)
      try Stage.play(site, limit: Self.limit) { stage in
        try stage.configure("[store]\ncheckpoint = \"1MiB\"\n")
        let ((questions, most), status) = try await stage.withDaemon { daemon in
          let pace = Self.isLong ? ["--delay", "50ms"] : []
          try await stage.add("read", pace, seeds: (0..<site.hosts).map { stage.url("/", host: $0) })
          try await stage.web.waitForRequests(60)
          let holder = try Holder(stage.database, "BEGIN; SELECT count(*) FROM urls")
          let end = Instant.monotonicNow + .seconds(seconds)
          var questions = Questions()
          let most = Most()
          let walFile = "\(stage.database)-wal"
          try await questions.ask(stage, daemon, about: "read") {
            most.note(Self.size(of: walFile))
            let status = try await stage.control("status")
            most.isReported = most.isReported || status.contains("has held an old state of the database for")
            most.isHeld = most.isHeld || status.contains("no fetch starts: the write-ahead log has")
            return most.isReported && Instant.monotonicNow >= end
          }
          holder.close()
          try await stage.control("wait", "read", "--for", "done")
          try await stage.waitUntilAllIsWell()
          return (questions, most)
        }
        #expect(status.isSuccess)
        // Above 1 GiB no fetch starts; what is in flight and waits for its commit is at most 64 MiB.
        #expect(most.bytes < (1 << 30) + (128 << 20), "\(most.bytes)")
        #expect(Self.size(of: "\(stage.database)-wal") == 0)
        #expect(await stage.web.log.pages.count { _ in true } == site.hosts * site.pages)
        #expect(try stage.number("SELECT count(*) FROM urls WHERE state = 'done'") == site.hosts * site.pages)
        #expect(try stage.number("SELECT count(*) FROM pages") == site.hosts * site.pages)
        #expect(await stage.web.log.statistics().duplicates == 0)
        try await stage.expectSound()
        Soak.say(
          "a reader for \(seconds) s: named, the write-ahead log had at most \(most.bytes >> 20) MiB"
            + "\(most.isHeld ? " (then fetching stopped)" : ""); \(site.hosts * site.pages) pages, none lost, none twice; "
            + questions.description)
      }
    }

    private static func size(of path: String) -> Int {
      var status = stat()
      return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
  }
}

/// What a look at the daemon has found at most. Confined to the loop of its test.
private final class Most: @unchecked Sendable {
  private(set) var bytes = 0
  var isReported = false
  var isHeld = false

  func note(_ bytes: Int) { self.bytes = max(self.bytes, bytes) }
}

/// Stops a process for nine tenths of the time, in periods of 100 ms. Confined to the loop of its test.
private final class Throttle: @unchecked Sendable {
  private let process: ChildProcess
  private let loop: EventLoop
  private var next: DelayedCall?
  private var isStopped = false

  init(_ process: ChildProcess, _ loop: EventLoop) {
    self.process = process
    self.loop = loop
    change()
  }

  private func change() {
    isStopped.toggle()
    kill(process.id, isStopped ? SIGSTOP : SIGCONT)
    next = loop.callLater(.milliseconds(isStopped ? 90 : 10)) { [unowned self] in change() }
  }

  func end() {
    next?.cancel()
    kill(process.id, SIGCONT)
  }
}
