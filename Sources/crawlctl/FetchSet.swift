/// Ids of fetches that are inserted in their order: a bit for each id, from the first one on.
struct FetchSet {
  private var first: Int64?
  private var words: [UInt64] = []

  mutating func insert(_ id: Int64) {
    let start = first ?? id
    first = start
    let place = Int(id - start)
    if place >> 6 >= words.count { words += [UInt64](repeating: 0, count: (place >> 6) + 1 - words.count) }
    words[place >> 6] |= 1 << UInt64(place & 63)
  }

  func contains(_ id: Int64) -> Bool {
    guard let first, id >= first else { return false }
    let place = Int(id - first)
    return place >> 6 < words.count && words[place >> 6] >> UInt64(place & 63) & 1 == 1
  }
}
