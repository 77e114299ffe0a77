import EventLoop
import Glibc
import TestWeb

/// Crawls that differ in what is stored of a page, in whether a handler has its say, and in who has them crawled again: a
/// schedule, or a user.
struct CrawlMix: Sendable {
  struct Crawl: Sendable {
    var name: String
    var hosts: [Int]
    /// meta, text, body or all.
    var store: String
    var hasHandler = false
    /// Crawled again by its schedule; otherwise by a user.
    var isScheduled = false

    /// Options of `crawlctl add`.
    var options: [String] {
      // The handler's links are many URLs of one form.
      ["--store", store, "--traps", "off"] + (hasHandler ? ["--handler", "mix"] : [])
        + (isScheduled ? ["--every", "1s"] : [])
    }
  }

  /// The most fetches of a task with handlers that are in flight or wait for them.
  static let maxWaiting = 16
  /// Pages that the handler has no answer for.
  static let refused = (each: 50, at: 7)
  /// Pages whose call the handler's process does not outlive.
  static let fatal = (each: 500, at: 250)
  /// Every such page gets a link from the handler, to `/page?<its number>`.
  static let linked = 4

  let crawls: [Crawl]
  /// What the pages are at first, and what they are after `revise`.
  let facts: [Facts]
  private(set) var revisedAt = Int64.max

  init(_ site: Site, _ crawls: [Crawl]) {
    self.crawls = crawls
    var revised = site
    revised.revised = Self.revisedPages(of: site)
    facts = [Facts(site), Facts(revised)]
  }

  /// A site that has a text that is known without reading its HTML, and validators.
  static func site(hosts: Int, pages: Int) -> Site {
    var site = Site(hosts: hosts, pages: pages)
    site.isVersioned = true
    site.filler = 0
    return site
  }

  private static func revisedPages(of site: Site) -> Set<Int> { Set((0..<site.pages).filter { $0 % 7 == 3 }) }

  /// Some pages say something else from now on.
  mutating func revise(_ stage: Stage) async {
    guard revisedAt == .max else { return }
    await stage.web.change { $0.revised = Self.revisedPages(of: $0) }
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    revisedAt = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }

  // MARK: The handler

  /// Configuration lines of the handler `mix`, which has something to say to all that it is asked.
  static func configuration(_ stage: Stage) throws -> String {
    let program = try stage.python(
      "mix",
      """
      import hashlib, re
      if call["kind"] == "filter-url":
          for url in call["urls"]:
              added = re.search(r"/page\\?([0-9]+)$", url)
              turn = int(added.group(1)) // \(linked) % 4 if added else 0
              if turn == 1: answer.setdefault("rewrite", {})[url] = "/p/" + added.group(1)
              if turn == 3: answer.setdefault("drop", {})[url] = "every fourth"
      elif call["kind"] == "on-page":
          page = call["page"]
          place = re.search(r"/p/([0-9]+)$", page["url"])
          number = int(place.group(1)) if place else 0
          if number % \(fatal.each) == \(fatal.at): sys.exit(1)
          if number % \(refused.each) == \(refused.at):
              answer["error"] = "there is nothing to be said"
          else:
              answer["fields"] = {"text": hashlib.sha256(page.get("text", "").encode()).hexdigest()}
              if number % \(linked) == 0 and "?" not in page["url"]: answer["links"] = ["/page?%d" % number]
      else:
          with open("\(told(stage))", "a") as file: file.write(call["task"] + " " + call["end"]["state"] + "\\n")
      """)
    return """
      [handlers.mix]
      program = "\(program)"
      kinds = ["filter-url", "on-page", "on-task-done"]
      processes = 2
      max_waiting = \(maxWaiting)
      text = "1MiB"

      """
  }

  /// Where the handler notes the ends that it is told of.
  static func told(_ stage: Stage) -> String { "\(stage.directory)/told" }

  // MARK: What users do

  /// Adds all crawls.
  func add(_ stage: Stage, _ options: [String] = []) async throws {
    for crawl in crawls {
      try await stage.add(
        crawl.name, options + crawl.options, seeds: crawl.hosts.map { stage.url("/", host: $0) })
    }
  }

  /// Brings every crawl and one recrawl of it to their ends, from wherever they are, and has the handlers told of all ends.
  ///
  /// - Parameter isPaused: the crawls may be paused or open; they are resumed and sealed.
  /// - Returns: the first answer of the daemon that is none, since it is gone or could not do it; nil when all is done.
  func finish(_ stage: Stage, isPaused: Bool = true) async throws -> Ended? {
    let refusal = try await withThrowingTaskGroup(of: Ended?.self) { group in
      for crawl in crawls { group.addTask { try await finish(crawl, stage, isPaused) } }
      defer { group.cancelAll() }
      while let refusal = try await group.next() {
        if let refusal { return refusal as Ended? }
      }
      return nil
    }
    if let refusal { return refusal }
    while try stage.number("SELECT count(*) FROM tasks WHERE untold") > 0 {
      let status = try await stage.crawlctl(["status"])
      guard status.code == 0 else { return status }
    }
    return nil
  }

  private func finish(_ crawl: Crawl, _ stage: Stage, _ isPaused: Bool) async throws -> Ended? {
    // Refused where there is no need of it.
    for verb in isPaused ? ["resume", "seal"] : [] { _ = try await stage.crawlctl([verb, crawl.name]) }
    while try Self.chain(of: crawl, stage).last == crawl.name {
      let ended = try await stage.crawlctl(["wait", crawl.name, "--for", "done"])
      guard ended.code == 0 else { return ended }
      let again = "\(crawl.name)-2"
      let answer = try await stage.crawlctl(
        crawl.isScheduled ? ["status"] : ["add", "--recrawl", crawl.name, "--name", again, "--client-key", again])
      guard answer.code == 0 else { return answer }
    }
    while let name = try Self.chain(of: crawl, stage).last {
      if crawl.isScheduled {
        let answer = try await stage.crawlctl(["set", name, "every=none"])
        // Refused where the next one has the schedule by now.
        if try answer.code == 5 && Self.chain(of: crawl, stage).last != name { continue }
        guard answer.code == 0 else { return answer }
      }
      let ended = try await stage.crawlctl(["wait", name, "--for", "done"])
      guard ended.code == 0 else { return ended }
      if try Self.chain(of: crawl, stage).last == name { break }
    }
    return nil
  }

  /// The names of a crawl and of its recrawls, one after the other.
  static func chain(of crawl: Crawl, _ stage: Stage) throws -> [String] {
    try stage.column(
      """
      WITH RECURSIVE chain AS (
        SELECT id, name FROM tasks WHERE name = '\(crawl.name)'
        UNION ALL SELECT t.id, t.name FROM tasks t JOIN chain ON t.recrawl_of = chain.id
      ) SELECT name FROM chain ORDER BY id
      """)
  }
}
