package import Fetch
package import Store

extension PageChange {
  /// What a fetch says about a URL beside what earlier crawls have of it; nil when it says nothing: a failure, an error
  /// of the server, a refusal, or a page whose earlier content is not known well enough to compare.
  ///
  /// - Parameters:
  ///   - contentHash: of the whole decoded body, when the outcome is `ok`.
  ///   - textHash: of the page's text, if it was read as a page.
  ///   - earlier: nil when earlier crawls have no page of the URL.
  package init?(
    outcome: FetchOutcome, status: Int?, contentHash: UInt64?, textHash: UInt64?, earlier: EarlierFetch?
  ) {
    guard let earlier else {
      guard outcome == .ok else { return nil }
      self = .new
      return
    }
    switch outcome {
    case .ok:
      // A crawl by an older version of the program knows the text alone.
      let (before, now) =
        earlier.contentHash == nil ? (earlier.textHash, textHash) : (earlier.contentHash, contentHash)
      guard let before, let now else { return nil }
      self = before == now ? .unchanged : .changed
    case .notModified: self = .notModified
    case .redirected: self = .moved
    case .gone: self = .gone
    case .clientError where status == 404: self = .gone
    default: return nil
    }
  }
}
