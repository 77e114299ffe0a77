internal import Frontier

/// What a recrawl knows of the crawls before it: where the row is that says what was at a URL. It lives in the crawler's
/// actor, as long as its task is not at its end.
final class EarlierPages {
  /// The task that is crawled again, the one that this is a recrawl of, and so on.
  let taskIDs: [Int64]
  /// By fingerprint the row of the newest of these tasks that knows what is there; 18 to 37 bytes for each.
  var rows = SeenSet()
  /// `rows` is complete: fetches may start.
  var isLoaded = false
  var isLoading = false
  /// Their pages that no page of this crawl led to have been offered as well: the crawl may end.
  var isOffered = false
  var isOffering = false

  init(taskIDs: [Int64]) {
    self.taskIDs = taskIDs
  }
}
