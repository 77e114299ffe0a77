/// Sites of whose names one was asked for in vain, the last time that anything was heard of them. Bounded: of the oldest ones
/// half are forgotten at a time.
package struct SilentSites {
  private let limit: Int
  private var younger: Set<String> = []
  private var older: Set<String> = []

  package init(limit: Int = 8_192) {
    self.limit = limit
  }

  package var count: Int { younger.count + older.count }

  package func contains(_ site: String) -> Bool { younger.contains(site) || older.contains(site) }

  package mutating func insert(_ site: String) {
    guard !younger.contains(site) else { return }
    older.remove(site)
    if younger.count >= limit / 2 { (older, younger) = (younger, []) }
    younger.insert(site)
  }

  /// Returns whether it was among them.
  @discardableResult
  package mutating func remove(_ site: String) -> Bool { (younger.remove(site) ?? older.remove(site)) != nil }
}
