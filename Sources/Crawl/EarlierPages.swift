internal import Frontier
internal import Store

/// What a recrawl knows of the crawls before it: where the row is that says what was at a URL. It lives in the crawler's
/// actor, as long as its task is not at its end.
final class EarlierPages {
  /// The task that is crawled again, the one that this is a recrawl of, and so on.
  let taskIDs: [Int64]
  /// By fingerprint the row of the newest of these tasks that knows what is there; 18 to 37 bytes for each.
  var rows = SeenSet()
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

  init(taskIDs: [Int64]) {
    self.taskIDs = taskIDs
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
