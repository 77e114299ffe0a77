import EventLoop
import Glibc
import TestWeb
import Testing

/// Users who add tasks of every sort, crawl them again, pause, change, cancel, retry and remove them, follow events or read them too slowly, query the database and
/// hold snapshots of it, reload and ask, as a seed chooses; and what the daemon takes of the machine meanwhile.
actor Churn: LoopActor {
  nonisolated let loop: EventLoop
  private let stage: Stage
  private let daemon: Daemon
  private let numbers: SeededNumbers
  private var draws: UInt64 = 0
  private var added = 0
  private var tasks: [String] = []
  /// Subscribers; the first half of them reads what it gets.
  private var followers: [Connection] = []
  private var snapshot: Holder?
  private(set) var steps: [String: Int] = [:]
  private(set) var samples: [Sample] = []

  struct Sample: Sendable {
    var at: Instant
    var footprint: Footprint
    var logBytes: Int
    var coroutines: Int
    var openSockets: Int

    /// But for sockets to servers: an idle one is kept until it is in the way.
    var descriptors: Int { footprint.descriptors - openSockets }
  }

  private enum Step: CaseIterable {
    case add, addMore, recrawl, search, pause, resume, set, cancel, remove, removeMore, retry, block, reload, query, ask
    case follow, unfollow, read, snapshot, leave
  }

  init(_ stage: Stage, _ daemon: Daemon, seed: Int) {
    loop = stage.loop
    self.stage = stage
    self.daemon = daemon
    numbers = SeededNumbers(seed: UInt64(seed))
  }

  private func draw(_ bound: Int) -> Int {
    draws += 1
    return numbers.draw(draws, below: bound)
  }

  /// Some task, by name.
  private var anyTask: String? { tasks.isEmpty ? nil : tasks[draw(tasks.count)] }

  /// Makes the database larger than all that SQLite keeps of it in memory (8 MiB for the writer, 2 for each reader), and has
  /// it read, so that this no longer grows; the tasks go again with the others.
  func fillCaches(_ site: Site) async throws {
    for number in 0..<12 {
      let name = "whole-\(number)"
      try await stage.add(
        name, ["--concurrency", "8", "--store", "all"], seeds: (0..<site.hosts).map { stage.url("/", host: $0) })
      tasks.append(name)
      _ = try await stage.crawlctl(["wait", name, "--for", "done"])
      for verb in ["show", "why"] { try await stage.control(verb, name) }
    }
    try await stage.control("doctor")
  }

  /// A first task, and questions that the database has to answer.
  func begin() async throws {
    try await stage.add(
      "first", ["--store", "all", "--handler", "mix", "--max-pages", "200"], seeds: [stage.url("/")])
    _ = try await stage.crawlctl(["wait", "first", "--for", "done"])
    try await stage.control("search", "page")
    try await add()
    try await stage.control("show", "churn1")
    try await stage.control("why", "churn1")
    _ = try await stage.crawlctl(["wait", "churn1", "--for", "done"])
  }

  /// One thing that a user does. What the state of a task forbids is refused, and that is all.
  func step() async throws {
    let step = Step.allCases[draw(Step.allCases.count)]
    steps["\(step)", default: 0] += 1
    switch step {
    case .add, .addMore: try await add()
    case .recrawl: try await recrawl()
    case .search: try await ask(["search", "page", "\(draw(400))"])
    case .pause: try await verb("pause")
    case .resume: try await verb("resume")
    case .set: try await verb("set", "delay=\(draw(20))ms", "concurrency=\(1 + draw(4))")
    case .cancel: if tasks.count > 4 { try await verb("cancel") }
    case .remove, .removeMore: try await remove()
    case .retry: try await verb("retry")
    case .block:
      let host = stage.site.name(ofHost: draw(stage.site.hosts))
      try await ask(draw(2) == 0 ? ["block", host, "--for", "1s"] : ["unblock", host])
    case .reload: try await ask(["reload"])
    case .query: try await ask(["query", "SELECT state, count(*) FROM urls GROUP BY state"])
    case .ask: try await question()
    case .follow: try await follow()
    case .unfollow: if !followers.isEmpty { followers.remove(at: draw(followers.count)).close() }
    case .read: try await readEvents()
    case .snapshot:
      // One at a time: in between the write-ahead log can start anew.
      snapshot?.close()
      snapshot = try Holder(stage.database, "BEGIN; SELECT count(*) FROM urls")
    case .leave:
      snapshot?.close()
      snapshot = nil
      // A client that is gone before its request is whole.
      let connection = try await loop.connect(to: .unix(path: stage.socket))
      try await connection.write(#"{"jsonrpc":"2.0","id":1,"met"#)
      connection.close()
    }
  }

  private func add() async throws {
    guard tasks.count < 8 else { return try await verb("cancel") }
    added += 1
    // Without a hyphen: the recrawl of a recrawl `churn-2` would be `churn-3`, and take a name that is still to come.
    let name = "churn\(added)"
    // Some end at their quota, the others when they have everything.
    let seeds = (0..<1 + draw(3)).map { _ in stage.url("/", host: draw(stage.site.hosts)) }
    try await ask(
      ["add", "--name", name, "--delay", "0", "--concurrency", "3", "--max-pages", "\(20 + draw(800))"]
        + (draw(3) == 0 ? ["--cookies"] : []) + (draw(4) == 0 ? ["--follow", "+sitemap"] : [])
        + ["--store", ["meta", "text", "body", "all"][draw(4)]] + (draw(2) == 0 ? ["--handler", "mix"] : [])
        + (draw(4) == 0 ? ["--every", "\(1 + draw(60))s"] : []) + Set(seeds).sorted())
    tasks.append(name)
  }

  private func recrawl() async throws {
    guard tasks.count < 8, let task = anyTask else { return }
    added += 1
    let name = "churn\(added)"
    if try await ask(["add", "--recrawl", task, "--name", name]) == 0 { tasks.append(name) }
  }

  private func verb(_ words: String...) async throws {
    guard let task = anyTask else { return }
    try await ask([words[0], task] + words.dropFirst())
  }

  private func remove() async throws {
    // Schedules add tasks, too.
    tasks = try stage.column("SELECT name FROM tasks WHERE state <> 'removing' ORDER BY id")
    guard let task = anyTask else { return }
    if try await ask(["rm", task]) == 0 { tasks.removeAll { $0 == task } }
  }

  private func question() async throws {
    let questions = [["ls"], ["ps"], ["ps", "--all"], ["hosts"], ["status"], ["doctor"], ["url", stage.url("/")]]
    let choice = draw(questions.count + 2)
    if choice < questions.count {
      try await ask(questions[choice])
    } else if let task = anyTask {
      try await ask([choice == questions.count ? "why" : "show", task])
    }
  }

  private func follow() async throws {
    if followers.count >= 6 { followers.removeFirst().close() }
    let connection = try await loop.connect(to: .unix(path: stage.socket))
    try await connection.write(#"{"jsonrpc":"2.0","id":1,"method":"events.subscribe"}"# + "\n")
    followers.append(connection)
  }

  /// Half of the followers take what there is for them; one of whom the daemon has had enough goes.
  private func readEvents() async throws {
    for (number, connection) in followers.enumerated().reversed() where number % 2 == 0 {
      let isThere = try? await loop.withTimeout(.milliseconds(5)) { try await !connection.read(upTo: 65_536).isEmpty }
      if isThere == false { followers.remove(at: number).close() }
    }
  }

  @discardableResult
  private func ask(_ arguments: [String]) async throws -> Int32 {
    let ended = try await stage.crawlctl(arguments)
    // Refused in this state, not there any more, or some of several so.
    guard [0, 4, 5, 8].contains(ended.code) else { throw UnexpectedExit(arguments: arguments, ended: ended) }
    return ended.code
  }

  func sample() async throws {
    let status = try await stage.control("status", "--json")
    samples.append(
      Sample(
        at: .monotonicNow, footprint: Footprint(of: daemon.process.id), logBytes: Self.number("wal_bytes", in: status),
        coroutines: Self.number("coroutines", in: status), openSockets: Self.number("open_sockets", in: status)))
  }

  /// The last of this name: `limits` has some of them, too.
  private static func number(_ name: String, in json: String) -> Int {
    json.split(separator: "\"\(name)\":").last.flatMap { Int($0.prefix { $0.isNumber }) } ?? -1
  }

  /// Ends all that was begun, and returns when nothing is left of it.
  func rest() async throws {
    for connection in followers { connection.close() }
    snapshot?.close()
    (followers, snapshot, tasks) = ([], nil, [])
    for host in 0..<stage.site.hosts { try await ask(["unblock", stage.site.name(ofHost: host)]) }
    // A task that is being cancelled is refused, and a schedule may have added one; they go the next time.
    while try await stage.control("ls", "--json").contains("\"id\"") {
      try await ask(["cancel", "--all"])
      try await ask(["rm", "--all"])
    }
    // By then the daemon has seen that the followers are gone.
    for _ in 0..<10 { try await stage.control("status") }
  }

  /// Bytes per hour that the resident memory grows by, after the first third, and the standard error of that: a line (least
  /// squares) through the lowest sample of each minute. In between it holds what peaks have left, until the daemon gives that
  /// back: once a minute at most, after the end or the removal of a task.
  ///
  /// Nil of less than three minutes.
  var growth: (slope: Double, standardError: Double)? {
    let late = samples.dropFirst(samples.count / 3)
    guard let first = late.first else { return nil }
    let minutes = Dictionary(grouping: late) { Int(($0.at - first.at) / .seconds(60)) }
    let lowest = minutes.values.compactMap { minute in minute.min { $0.footprint.bytes < $1.footprint.bytes } }
    let points = lowest.map { (x: ($0.at - first.at) / .seconds(3_600), y: Double($0.footprint.bytes)) }
    let count = Double(points.count)
    let (meanX, meanY) = (points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count)
    let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    guard count > 2, spread > 0 else { return nil }
    let slope = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread
    let residuals = points.map { $0.y - meanY - slope * ($0.x - meanX) }
    let variance = residuals.reduce(0) { $0 + $1 * $1 } / (count - 2)
    return (slope, (variance / spread).squareRoot())
  }
}
