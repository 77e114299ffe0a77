package import Frontier
package import Store

/// URLs of a task that were answered with a redirect since the daemon's start, each with the cookies that it was asked for
/// with: a site that sets cookies on a detour redirects back to the page from which it led there.
///
/// It remembers the last 4,096 of them at least, and 8,192 at most: some 3 MB.
package struct RedirectTrail {
  package struct Step {
    var entry: FrontierEntry
    /// The fetch that had the redirect for an answer.
    var fetchID: Int64
    /// What its row says of the URL.
    var change: PageChange?
    /// Of the field that was sent, or of none.
    private var hash: Int

    package init(entry: FrontierEntry, fetchID: Int64, change: PageChange? = nil, cookies: String?) {
      self.entry = entry
      self.fetchID = fetchID
      self.change = change
      hash = cookies.hashValue
    }

    /// Whether another field would be sent now.
    package func differs(from cookies: String?) -> Bool { hash != cookies.hashValue }
  }

  private static let generation = 4_096

  private var recent: [Int64: Step] = [:]
  private var older: [Int64: Step] = [:]

  package init() {}

  package mutating func note(_ step: Step) {
    if recent.count >= Self.generation { (older, recent) = (recent, [:]) }
    recent[step.entry.id] = step
  }

  /// The step at a URL, if it is on the chain of redirects that has led to this entry.
  package func step(at id: Int64, before entry: FrontierEntry) -> Step? {
    var last = entry
    for _ in 0..<entry.redirects {
      guard last.redirects > 0, let via = last.viaURLID, let step = recent[via] ?? older[via] else { return nil }
      if via == id { return step }
      last = step.entry
    }
    return nil
  }

  /// The URL is visited again.
  mutating func forget(_ id: Int64) {
    recent[id] = nil
    older[id] = nil
  }
}
