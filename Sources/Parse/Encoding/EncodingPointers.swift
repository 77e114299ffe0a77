/// An index of the Encoding Standard read backwards: which pointers mean a code point.
struct EncodingPointers: Sendable {
  /// Code point, then pointer, sorted. A pointer has 16 bits.
  private let entries: [UInt64]

  /// Takes the pointers that `isIncluded` names. Sorts the index.
  init(_ index: EncodingIndex, where isIncluded: (Int) -> Bool = { _ in true }) {
    entries = index.entries.filter { isIncluded($0.offset) }.map { UInt64($0.element) << 16 | UInt64($0.offset) }
      .sorted()
  }

  /// The "index pointer": the first one; nil is the standard's null. Logarithmic.
  func first(_ codePoint: UInt32) -> Int? { pointer(of: codePoint, at: place(UInt64(codePoint) << 16)) }

  /// The last pointer. Logarithmic.
  func last(_ codePoint: UInt32) -> Int? { pointer(of: codePoint, at: place(UInt64(codePoint + 1) << 16) - 1) }

  private func pointer(of codePoint: UInt32, at place: Int) -> Int? {
    guard entries.indices.contains(place), entries[place] >> 16 == UInt64(codePoint) else { return nil }
    return Int(entries[place] & 0xFFFF)
  }

  /// Where the first entry stands that is not below `key`.
  private func place(_ key: UInt64) -> Int {
    var (start, end) = (0, entries.count)
    while start < end {
      let middle = (start + end) / 2
      if entries[middle] < key { start = middle + 1 } else { end = middle }
    }
    return start
  }
}
