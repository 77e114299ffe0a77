internal import Frontier
internal import Store

/// What a recrawl knows of the crawls before it: where the row is that says what was at a URL. It lives in the crawler's
/// actor, as long as its task is not at its end.
final class EarlierPages {
  /// The task that is crawled again, the one that this is a recrawl of, and so on, up to the first that covers all before it.
  let taskIDs: [Int64]
  /// Those and all before them.
  let crawlIDs: [Int64]
  /// Of all of them, as they were before they were read; nil: one had not ended.
  let digest: Int64?
  /// Where the newest of these tasks that knows what is at a URL has its row.
  var rows = EarlierRows()
  /// What `set` changed while these tasks ran, by their ids, the newest first.
  var revisions: [Int64: [SettingsRevision]] = [:]
  /// What their handlers had offered instead of what pages name.
  var rewrites = EarlierRewrites()
  /// All of that is complete: fetches may start.
  var isLoaded = false
  var isLoading = false
  /// Their pages that no page of this crawl led to have been offered as well: the crawl may end.
  var isOffered = false
  var isOffering = false

  init(taskIDs: [Int64], crawlIDs: [Int64], digest: Int64?) {
    self.taskIDs = taskIDs
    self.crawlIDs = crawlIDs
    self.digest = digest
  }

  /// The settings that a fetch of one of these tasks obeyed.
  func settings(of fetch: EarlierFetch, by task: CrawlTask) -> TaskSettings {
    var settings = task.settings
    for revision in revisions[task.id] ?? [] where revision.revision > fetch.settingsRevision {
      // What can't be read stays as it is by now.
      for change in revision.changes { try? settings.set(change.setting, to: change.old ?? [], isStored: true) }
    }
    return settings
  }
}

/// By fingerprint which row says what is at a URL, and whether that is a page; 18 to 37 bytes for each.
struct EarlierRows {
  /// With twice the row's id as its id, and one more if it has a page.
  private var rows = SeenSet()
  /// Rows that have a page.
  private(set) var pageCount = 0

  /// Adds a row unless there is one of the same URL: those of newer tasks come first.
  mutating func add(_ url: VisitedURL) {
    guard rows[url.fingerprint] == nil else { return }
    rows.insert(url.fingerprint, SeenSet.Element(id: url.id << 1 | (url.hasPage ? 1 : 0), standing: .settled))
    if url.hasPage { pageCount += 1 }
  }

  func id(of fingerprint: UInt64) -> Int64? { rows[fingerprint].map { $0.id >> 1 } }

  func hasPage(_ fingerprint: UInt64) -> Bool { rows[fingerprint].map { $0.id & 1 == 1 } ?? false }
}
