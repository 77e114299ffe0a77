/// Ids of fetches: a bit for each of those that lie close together.
struct FetchSet {
  private var words: [Int64: UInt64] = [:]

  mutating func insert(_ id: Int64) { words[id >> 6, default: 0] |= 1 << UInt64(id & 63) }

  func contains(_ id: Int64) -> Bool { (words[id >> 6] ?? 0) >> UInt64(id & 63) & 1 == 1 }
}
