/// A URL of the seen set.
package struct KnownURL: Sendable, Equatable {
  package var fingerprint: UInt64
  package var id: Int64
  /// The reason of an exclusion that a later offer may lift: `depth`, `nofollow` or `follow`; nil otherwise.
  package var liftableReason: String?

  package init(fingerprint: UInt64, id: Int64, liftableReason: String? = nil) {
    self.fingerprint = fingerprint
    self.id = id
    self.liftableReason = liftableReason
  }
}
