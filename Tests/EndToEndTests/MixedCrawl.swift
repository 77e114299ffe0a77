import EventLoop
import Glibc
import TestWeb
import Testing

/// A crawl of hosts with different rules by tasks with different settings. At moments that a seed chooses the daemon is
/// killed and started again, a task is paused or resumed, or gets other settings; the judge takes note of each.
actor MixedCrawl: LoopActor {
  nonisolated let loop: EventLoop
  private let stage: Stage
  private let numbers: SeededNumbers
  private var draws: UInt64 = 0
  private var judge = PolitenessJudge(tolerance: .milliseconds(50))
  private var momentsLeft: Int
  private let requestsBetween: Int
  /// After so many requests one moment follows the other.
  private let lastMoment: Int
  private var paused: (plan: Plan, since: Instant)?
  private(set) var stock: Stock
  private(set) var changes = 0
  private(set) var pauses = 0

  /// - Parameter moments: how often something happens; every third time it is a kill.
  init(_ stage: Stage, seed: UInt64, moments: Int) {
    loop = stage.loop
    self.stage = stage
    numbers = SeededNumbers(seed: seed)
    momentsLeft = moments
    stock = Stock(inFlight: stage.site.hosts * 5)
    // All of them come while there is work left.
    let requests = Self.plans.reduce(0) {
      $0 + Self.reachable(stage.site, hosts: Self.hosts(of: $1, in: stage.site)).count
    }
    requestsBetween = max(2, requests / 2 / max(1, moments))
    lastMoment = requests / 2
  }

  static let configuration = """
    [politeness]
    max_attempts = 4
    retry_delay = "100ms"
    max_retry_delay = "1s"
    [robots]
    tries = 5
    window = "60s"

    """

  /// Crawls to the end, and returns what the judge has to say.
  func run() async throws -> PolitenessJudge.Verdict {
    try stage.replaceConfiguration(Self.configuration)
    await stage.web.setScript(Self.script(stage.site, open: .milliseconds(80)))
    await stage.web.watchStalls()
    for host in 0..<stage.site.hosts { judge.hosts[stage.site.name(ofHost: host)] = rules(ofHost: host) }
    try await stage.withDaemon { _ in try await self.add() }
    var isDone = false
    while !isDone {
      (isDone, _) = try await stage.withDaemon { daemon in try await self.play(daemon) }
      try await takeStock(isKilled: !isDone)
    }
    judge.stalls = await stage.web.stalls
    return judge.verdict(on: await stage.web.log)
  }

  private func rules(ofHost host: Int) -> PolitenessJudge.Host {
    var rules = PolitenessJudge.Host()
    let manner = Self.manner(ofHost: host)
    rules.forbidden = Self.forbidden(onHost: host)
    if manner == .slow { rules.crawlDelay = .milliseconds(Self.crawlDelay) }
    if manner == .limiting || manner == .late { rules.retryAfter = .seconds(Self.retryAfter) }
    for plan in Self.plans where plan.kind == host % 4 { rules.note(plan.pace, at: Instant(nanoseconds: 0)) }
    return rules
  }

  private func add() async throws {
    for plan in Self.plans {
      try await stage.control(
        [
          "add", "--name", plan.name, "--paused", "--delay", "\(plan.delay)ms", "--concurrency", "\(plan.concurrency)",
        ] + Self.hosts(of: plan, in: stage.site).map { stage.url("/", host: $0) })
    }
    for plan in Self.plans { try await stage.control("resume", plan.name) }
  }

  /// The life of one daemon. True when the crawl is done, false when it was killed.
  private func play(_ daemon: Daemon) async throws -> Bool {
    while momentsLeft > 0 {
      momentsLeft -= 1
      // A pause lasts for some requests of the other tasks.
      let wait = 1 + draw(below: requestsBetween * 2 - 1) + (paused == nil ? 0 : 2 * requestsBetween)
      let count = await stage.web.log.count
      try await stage.web.waitForRequests(max(count + 1, min(count + wait, lastMoment)))
      if momentsLeft % 3 == 0 {
        try await daemon.kill()
        return false
      }
      if paused != nil {
        try await resume()
      } else if draw(below: 3) == 0 {
        try await pause()
      } else {
        try await change()
      }
    }
    if paused != nil { try await resume() }
    for plan in Self.plans { try await stage.control("wait", plan.name, "--for", "done") }
    return true
  }

  private func pause() async throws {
    let plan = drawPlan()
    try await stage.control("pause", plan.name)
    paused = (plan, .monotonicNow)
    pauses += 1
  }

  private func resume() async throws {
    guard let (plan, since) = paused else { return }
    paused = nil
    let rest = since..<Instant.monotonicNow
    for host in Self.hosts(of: plan, in: stage.site) {
      judge.hosts[stage.site.name(ofHost: host)]?.rests.append(rest)
    }
    try await stage.control("resume", plan.name)
  }

  private func change() async throws {
    let plan = drawPlan()
    var new = plan
    new.delay = plan.delays[draw(below: plan.delays.count)]
    new.concurrency = plan.concurrencies[draw(below: plan.concurrencies.count)]
    let names = Self.hosts(of: plan, in: stage.site).map { stage.site.name(ofHost: $0) }
    // Until the answer is there the old settings hold, or the new ones.
    for name in names {
      guard let old = judge.hosts[name]?.paces.last?.pace else { continue }
      judge.hosts[name]?.note(old.laxer(new.pace), at: .monotonicNow)
    }
    try await stage.control("set", plan.name, "delay=\(new.delay)ms", "concurrency=\(new.concurrency)")
    for name in names { judge.hosts[name]?.note(new.pace, at: .monotonicNow) }
    changes += 1
  }

  /// One of the tasks that share no host.
  private func drawPlan() -> Plan {
    let plans = Self.plans.filter { !$0.delays.isEmpty }
    return plans[draw(below: plans.count)]
  }

  private func draw(below bound: Int) -> Int {
    draws += 1
    return numbers.draw(draws, below: bound)
  }

  /// After the end of a daemon: what it has stored, and what it had heard and not stored.
  private func takeStock(isKilled: Bool) async throws {
    var stock = stock
    let now = try await stock.take(stage, isKilled: isKilled)
    self.stock = stock
    let known = Set(try stage.column("SELECT name FROM hosts WHERE robots_state = 'known'"))
    let limits = try stage.rows(
      """
      SELECT h.name, count(*) FROM fetches f JOIN hosts h ON h.id = f.host_id WHERE f.retry_after IS NOT NULL GROUP BY 1
      """)
    let stored = Dictionary(uniqueKeysWithValues: limits.map { ($0[0] ?? "", Int($0[1] ?? "") ?? 0) })
    var kill = PolitenessJudge.Kill(at: now)
    for (name, entries) in Dictionary(grouping: await stage.web.log.entries, by: \.host) {
      if !known.contains(name), entries.contains(where: { $0.isRobots && $0.status == 200 }) {
        kill.forgottenRobots.insert(name)
      }
      let answers = entries.filter { $0.status == 429 || $0.status == 503 }.count
      if answers > stored[name] ?? 0 { kill.forgottenRetryAfter.insert(name) }
    }
    judge.kills.append(kill)
  }

  /// Nothing is lost, nothing is stored twice, and nothing was asked for again but what a kill made forgotten.
  func expectComplete() async throws {
    var places: Set<Site.Place> = []
    for plan in Self.plans {
      let truth = Self.reachable(stage.site, hosts: Self.hosts(of: plan, in: stage.site))
      let task = "task_id = (SELECT id FROM tasks WHERE name = '\(plan.name)')"
      let done = try stage.column("SELECT url FROM urls WHERE state = 'done' AND \(task) ORDER BY url")
      #expect(done == truth.map(stage.site.url).sorted(), "the pages of \(plan.name)")
      let read = "SELECT count(*) FROM pages JOIN urls ON id = url_id WHERE \(task)"
      #expect(try stage.number(read) == truth.count)
      places.formUnion(truth)
    }
    #expect(try stage.number("SELECT count(*) FROM urls WHERE state NOT IN ('done', 'excluded')") == 0)
    let twice = "SELECT 1 FROM fetches WHERE outcome = 'ok' AND url_id IS NOT NULL GROUP BY url_id HAVING count(*) > 1"
    #expect(try stage.rows(twice).isEmpty, "URLs that were fetched twice")
    let served = Set(
      await stage.web.log.entries.filter { !$0.isRobots && $0.status == 200 }.map { "\($0.host)\($0.target)" })
    #expect(served == Set(places.map { "\(stage.site.name(ofHost: $0.host))\($0.target)" }))
    try stage.expectLinks(of: places)
  }
}

extension MixedCrawl.Plan {
  var pace: PolitenessJudge.Pace { .init(delay: .milliseconds(delay), concurrency: concurrency) }
}
