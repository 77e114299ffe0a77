/// A URL of the seen set: 24 bytes.
package struct KnownURL: Sendable, Equatable {
  package var fingerprint: UInt64
  package var id: Int64
  /// The depth in the low bits, the mark of an exclusion for depth in the highest.
  private var packed: UInt32

  private static let mark: UInt32 = 1 << 31

  package init(fingerprint: UInt64, id: Int64, depth: Int, isExcludedForDepth: Bool) {
    self.fingerprint = fingerprint
    self.id = id
    packed = UInt32(clamping: min(depth, Int(Self.mark) - 1)) | (isExcludedForDepth ? Self.mark : 0)
  }

  package var depth: Int { Int(packed & ~Self.mark) }

  /// It becomes ready when it is offered again at a lower depth.
  package var isExcludedForDepth: Bool { packed & Self.mark != 0 }
}
