/// A row of `links`, seen from its page: one per target and kind.
package struct LinkRecord: Sendable, Equatable {
  package var targetURLID: Int64
  package var kind: String
  package var rel: String?
  package var anchor: String?
  /// Its place among the links of the page, from 0.
  package var position: Int
  /// How often the page has it.
  package var count: Int

  package init(
    targetURLID: Int64, kind: String, rel: String? = nil, anchor: String? = nil, position: Int = 0, count: Int = 1
  ) {
    self.targetURLID = targetURLID
    self.kind = kind
    self.rel = rel
    self.anchor = anchor
    self.position = position
    self.count = count
  }

  /// The order of the table: by target, then by kind.
  func isBefore(_ other: LinkRecord) -> Bool {
    targetURLID == other.targetURLID ? kind < other.kind : targetURLID < other.targetURLID
  }
}
