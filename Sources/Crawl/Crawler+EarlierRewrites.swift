internal import Frontier
internal import Store
internal import WebURL

/// Which URLs handlers of earlier crawls had offered instead of others, and where the rows are that say of which.
///
/// Cost: 18 to 37 bytes for each, and the text of every sixteenth of the others.
struct EarlierRewrites {
  /// Rows that are read to find one.
  static let rowsPerStretch = 16
  /// By fingerprint of what was offered the number of its stretch of rows, from 1.
  private var stretches = SeenSet()
  /// The first row of each.
  private var starts: [HandlerRewrite.Place] = []
  private var lastCount = 0

  var isEmpty: Bool { starts.isEmpty }

  /// Adds one: those of a task in the order of the URLs that were named.
  mutating func add(_ rewrite: HandlerRewrite, taskID: Int64, offered fingerprint: UInt64) {
    if starts.last?.taskID != taskID || lastCount == Self.rowsPerStretch {
      starts.append(HandlerRewrite.Place(taskID: taskID, url: rewrite.url))
      lastCount = 0
    }
    lastCount += 1
    stretches.insert(fingerprint, SeenSet.Element(id: Int64(starts.count), standing: .settled))
  }

  /// Where the stretch of rows begins of which one had this offered.
  func start(offered fingerprint: UInt64) -> HandlerRewrite.Place? {
    stretches[fingerprint].map { starts[Int($0.id) - 1] }
  }
}

/// A link that may lead to what a handler had offered.
private struct RewrittenLink {
  /// Among those of its page.
  var place: Int
  /// Those whose rewrites were taken back: each had its say once.
  var handlers: Set<String> = []
  var fingerprint: UInt64 = 0
}

// The links of an earlier crawl lead to what was offered. What the page names is what handlers are asked of, in each crawl.
extension Crawler {
  /// Those of a later task take the place of those of an earlier one.
  func earlierRewrites(of taskIDs: [Int64], _ policy: CanonicalPolicy) async throws -> EarlierRewrites {
    var rewrites = EarlierRewrites()
    let asked = try await store.tasksWithVerdicts()
    for id in taskIDs.sorted() where asked.contains(id) {
      var last = ""
      while true {
        let rows = try await store.rewrites(taskID: id, after: last, limit: 1_000)
        guard let end = rows.last else { break }
        last = end.url
        for row in rows {
          guard let url = WebURL(row.offered) else { continue }
          rewrites.add(row, taskID: id, offered: frontier.fingerprint(of: url, policy))
        }
      }
    }
    return rewrites
  }

  /// Puts what a page named in the place of what the handlers of an earlier crawl had offered instead.
  /// - Returns: false when the visit was told to stop before.
  func restoreNames(of visit: LiveVisit) async -> Bool {
    let task = task(of: visit)
    guard let rewrites = task.earlier?.rewrites, !rewrites.isEmpty, var contents = visit.earlierContents else {
      return true
    }
    // What a handler had offered that is asked no more stays as it was offered.
    let filters = Set(task.handlers.map(\.program).filter { $0.kinds.contains(.filterURL) }.map(\.name))
    if filters.isEmpty { return true }
    let policy = task.settings.canonicalPolicy
    var rest = contents.links.indices.map { RewrittenLink(place: $0) }
    while !rest.isEmpty {
      var found: [RewrittenLink] = []
      for part in stride(from: 0, to: rest.count, by: Self.restoredPerRead) {
        var offered: [RewrittenLink] = []
        var starts: [HandlerRewrite.Place] = []
        for var link in rest[part..<min(part + Self.restoredPerRead, rest.count)] {
          guard let url = WebURL(contents.links[link.place].target) else { continue }
          link.fingerprint = frontier.fingerprint(of: url, policy)
          guard let start = rewrites.start(offered: link.fingerprint) else { continue }
          offered.append(link)
          starts.append(start)
        }
        if starts.isEmpty { continue }
        let places = starts
        let read = await untilRead(visit) { try await $0.rewrites(from: places, limit: EarlierRewrites.rowsPerStretch) }
        guard let read else { return false }
        for (var link, rows) in zip(offered, read) {
          for row in rows where filters.contains(row.handler) && !link.handlers.contains(row.handler) {
            guard let url = WebURL(row.offered), frontier.fingerprint(of: url, policy) == link.fingerprint else {
              continue
            }
            contents.links[link.place].target = row.url
            link.handlers.insert(row.handler)
            found.append(link)
            break
          }
        }
      }
      rest = found
    }
    visit.earlierContents = contents
    return true
  }

  private static let restoredPerRead = 200
}
