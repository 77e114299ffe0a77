import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// The power goes at some moment of a crawl, and with it what no sync has brought to the medium.
  @Suite struct Power {
    /// `scripts/soak power` has more of it.
    @Test func whatWasAcknowledgedIsThereAfterACut() throws {
      let seed = Soak.number("SEED", usual: 1)
      let cuts = Soak.number("CUTS", usual: 10)
      let site = CrawlMix.site(hosts: 4, pages: Soak.number("PAGES", usual: 400) / 4)
      try Stage.play(site, limit: .seconds(3_600)) { stage in
        let crawls = CrawlMix(
          stage.site,
          [
            .init(name: "powered", hosts: [0, 1], store: "all", hasHandler: true),
            .init(name: "text", hosts: [2], store: "text", hasHandler: true, isScheduled: true),
            .init(name: "body", hosts: [3], store: "body"),
          ])
        // Checkpoints are among what is cut.
        try stage.configure("[store]\ncheckpoint = \"1MiB\"\n" + CrawlMix.configuration(stage))
        let disk = try Disk(of: stage, isRecording: true)
        let (observations, mix) = try await recordCrawl(stage, disk, crawls)
        let record = try DiskRecord(disk.record)
        #expect(record.entries.count == disk.entries)
        var judge = PowerJudge(
          stage: stage, mix: mix, record: record, observations: observations, seed: seed)
        for number in 1...cuts {
          try await judge.cut(number, of: cuts, isResumed: number % 5 == 0)
        }
        #expect(judge.rows > 0 && judge.checkpoints > 0, "the record has too little to lose")
        Soak.say(
          "seed \(seed): \(cuts) cuts among \(record.entries.count) calls (\(judge.checkpoints) checkpoints), "
            + "\(judge.rows) rows acknowledged: 0 lost; \(judge.resumed) crawls resumed to their end")
      }
    }
  }
}

/// What anybody could see in the database, or was told, when the record had so many entries: it must never be gone.
struct Observation: Sendable {
  var entries: Int
  /// A query for a number, which is never less than this from then on.
  var question: String
  var least: Int

  static let pages = "SELECT count(*) FROM pages"
}

/// Crawls the site and crawls it again to the end, and looks at the database when the daemon is ready and now and then.
/// Returns what was seen, and the crawls.
private func recordCrawl(
  _ stage: Stage, _ disk: Disk, _ crawls: CrawlMix
) async throws -> ([Observation], CrawlMix) {
  let (result, status) = try await stage.withDaemon(environment: disk.environment) { _ in
    var mix = crawls
    var observations = [Observation(entries: disk.entries, question: Observation.pages, least: 0)]
    func told(_ question: String) {
      observations.append(Observation(entries: disk.entries, question: question, least: 1))
    }
    func event(_ action: String) -> String { "SELECT count(*) FROM task_events WHERE action = '\(action)'" }
    try await stage.add("powered", ["--open", "--paused"] + mix.crawls[0].options, seeds: [stage.url("/", host: 0)])
    told("SELECT count(*) FROM tasks WHERE name = 'powered'")
    try await stage.control("offer", "powered", stage.url("/", host: 1))
    told("SELECT count(*) FROM urls WHERE url = '\(stage.url("/", host: 1))' AND via_url_id IS NULL")
    for crawl in mix.crawls.dropFirst() {
      try await stage.add(crawl.name, crawl.options, seeds: crawl.hosts.map { stage.url("/", host: $0) })
    }
    try await stage.control("resume", "powered")
    told(event("resume"))
    let step = max(1, stage.site.pages / 5)
    for requests in stride(from: step, to: stage.site.pages * 4, by: step) {
      try await stage.web.waitForRequests(requests)
      let pages = try stage.number(Observation.pages)
      observations.append(Observation(entries: disk.entries, question: Observation.pages, least: pages))
      if requests == step * 5 {
        try await stage.control("pause", "powered")
        told(event("pause"))
        try await stage.control("resume", "powered")
      }
    }
    try await stage.control("seal", "powered")
    told(event("seal"))
    try await stage.control("wait", "powered", "--for", "done")
    await mix.revise(stage)
    let refusal = try await mix.finish(stage)
    #expect(refusal == nil, "\(refusal?.description ?? "")")
    told("SELECT count(*) > 2 FROM tasks WHERE recrawl_of IS NOT NULL")
    return (observations, mix)
  }
  #expect(status.isSuccess)
  try await result.1.expectComplete(stage)
  return result
}

/// Cuts the power at moments that a seed chooses, in the order of time, and looks at what is left.
private struct PowerJudge {
  let stage: Stage
  let mix: CrawlMix
  let record: DiskRecord
  let observations: [Observation]
  /// Entries of the record when the daemon was ready.
  private let ready: Int
  private var replay: DiskReplay
  private var chance: Chance
  /// Positions after the syncs of the write-ahead log: everything written until then is acknowledged.
  private let commits: [Int]
  let checkpoints: Int
  /// Rows that were acknowledged at the last cut.
  private(set) var rows = 0
  private(set) var resumed = 0

  init(stage: Stage, mix: CrawlMix, record: DiskRecord, observations: [Observation], seed: Int) {
    self.stage = stage
    self.mix = mix
    self.record = record
    self.observations = observations
    ready = observations[0].entries
    replay = DiskReplay(record)
    chance = Chance(seed: seed)
    func syncs(of name: String) -> [Int] {
      let number = record.file(named: name)
      return record.entries.indices.filter {
        if case .sync(let file) = record.entries[$0] { file == number } else { false }
      }
    }
    commits = syncs(of: "crawl.db-wal").map { $0 + 1 }
    checkpoints = syncs(of: "crawl.db").count
  }

  /// A cut within the `number`th part of the record.
  mutating func cut(_ number: Int, of cuts: Int, isResumed: Bool) async throws {
    let part = record.entries.count / cuts
    let position = (number - 1) * part + chance.draw(below: part) + 1
    var left = stage
    left.dataName = "cut-\(number)"
    try #require(mkdir(left.data, 0o700) == 0)
    let reference = "\(stage.directory)/acknowledged-\(number)"
    // Before that the daemon had not answered anybody.
    let commit = position < ready ? nil : commits.last { $0 <= position }
    if let commit {
      try #require(mkdir(reference, 0o700) == 0)
      replay.advance(to: commit)
      try replay.writeWhole(to: reference)
    }
    replay.advance(to: position)
    try replay.writeCut(to: left.data, &chance)
    if commit != nil {
      try await left.expectSound()
      try mix.expectStored(left)
      try expectAcknowledged("\(reference)/crawl.db", in: left, "cut \(number) at call \(position)")
    }
    let past = observations.filter { $0.entries <= position && $0.least > 0 }
    for observation in past {
      #expect(
        try left.number(observation.question) >= observation.least, "cut \(number): \(observation.question) was more")
    }
    let seen = past.last { $0.question == Observation.pages }?.least ?? 0
    if isResumed || commit == nil { try await resume(left, isCrawl: seen > 0) }
    _ = try await stage.loop.run("/bin/rm", ["-rf", left.data, reference])
  }

  /// Every row that was acknowledged is there.
  private mutating func expectAcknowledged(_ reference: String, in left: Stage, _ place: String) throws {
    let database = try ReadOnlyDatabase(left.database)
    _ = try database.rows("ATTACH '\(reference)' AS acknowledged")
    rows = 0
    for (table, columns) in [
      ("tasks", "id, name, recrawl_of"), ("hosts", "id, scheme, name, port"), ("urls", "id, task_id, url, depth"),
      ("urls WHERE state = 'done'", "id"), ("fetches", "id, url_id, status, outcome, body_bytes, change, body_hash"),
      ("pages", "url_id, run_id, fetch_id, title, text_id, fields"),
      ("links", "source_url_id, target_url_id, kind, anchor, position"), ("bodies", "id, hash, bytes"),
      ("page_texts", "id, hash, text"), ("handler_verdicts", "task_id, url, handler, verdict, words"),
      ("handler_failures", "task_id, url_id, kind, reason"),
    ] {
      let lost = "SELECT \(columns) FROM acknowledged.\(table) EXCEPT SELECT \(columns) FROM main.\(table)"
      #expect(try database.rows("SELECT count(*) FROM (\(lost))") == [["0"]], "\(place): \(table) that are lost")
      rows +=
        Int(try database.rows("SELECT count(*) FROM acknowledged.\(table)").first?.first.flatMap { $0 } ?? "") ?? 0
    }
  }

  /// A daemon goes on from what is left, comes to the end of the crawl, and asks for no page that is there.
  private mutating func resume(_ left: Stage, isCrawl: Bool) async throws {
    await stage.web.resetLog()
    try TextFile.write("", to: CrawlMix.told(left))
    let earlier = isCrawl ? try left.fetchCounts() : [:]
    let told = isCrawl ? try left.column("SELECT name FROM tasks WHERE state = 'finished' AND NOT untold") : []
    try await left.withDaemon { [mix] _ in
      guard isCrawl else { return }
      let refusal = try await mix.finish(left)
      #expect(refusal == nil, "\(refusal?.description ?? "")")
    }
    guard isCrawl else { return try await left.expectSound() }
    resumed += 1
    try await mix.expectComplete(left, told: Set(told), earlier: earlier)
  }
}
