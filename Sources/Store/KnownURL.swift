/// A URL of the seen set.
package struct KnownURL: Sendable, Equatable {
  package var fingerprint: UInt64
  package var id: Int64
  /// The reason of an exclusion that a later offer or judgement may lift, nil otherwise: `depth`, `nofollow`, `follow` or a
  /// budget's, and of URLs
  /// that were never asked for also `redirect_limit` and those that hold for the spelling in which the URL was found, or
  /// not for seeds.
  package var liftableReason: String?
  package var isSeed: Bool

  package init(fingerprint: UInt64, id: Int64, liftableReason: String? = nil, isSeed: Bool = false) {
    self.isSeed = isSeed
    self.fingerprint = fingerprint
    self.id = id
    self.liftableReason = liftableReason
  }
}
