/// Texts that are nearly the same, by their simhashes.
///
/// Two hashes that differ in at most 3 of 64 bits agree in one of four bands of 16 bits, so only texts that share a band are
/// compared (Manku et al. 2007, section 3). Where many share one, as the pages of one template do, each is compared with
/// those that come next to it in the order of its other bits.
package enum NearDuplicates {
  /// The first page that has a text, and the text's simhash.
  package struct Text: Sendable {
    package var urlID: Int64
    package var simhash: UInt64

    package init(urlID: Int64, simhash: UInt64) {
      self.urlID = urlID
      self.simhash = simhash
    }
  }

  /// `urlID` is the smaller.
  package struct Pair: Sendable, Hashable {
    package var urlID: Int64
    package var otherURLID: Int64
    package var distance: Int

    package init(urlID: Int64, otherURLID: Int64, distance: Int) {
      self.urlID = urlID
      self.otherURLID = otherURLID
      self.distance = distance
    }
  }

  /// Bits in which two simhashes may differ.
  static let maxDistance = 3
  /// A text has so many pairs with texts before it at most, the nearest: a family of thousands stays linear.
  package static let maxPairs = 16
  /// So many texts are compared with each one in a band at most.
  static let maxComparisons = 256

  private struct Rotated {
    var bits: UInt64
    var urlID: Int64
  }

  /// All pairs, within the bounds above; in no order.
  ///
  /// Cost: a million random texts 0.4 s and 40 MB; with 256 comparisons for each in each band, the bound, 2 s.
  ///
  /// - Parameter isUnwanted: asked now and then; when it says so the result is nil.
  package static func pairs(of texts: [Text], isUnwanted: () -> Bool = { false }) -> [Pair]? {
    var found: [Int64: [Pair]] = [:]
    for band in 0..<4 {
      let shift = UInt64(16 * band)
      var ends = [Int](repeating: 0, count: 1 << 16)
      for text in texts { ends[Int(text.simhash >> shift & 0xFFFF)] += 1 }
      for value in 1..<ends.count { ends[value] += ends[value - 1] }
      // Each goes before those of its band that are there; then `ends` has the beginnings.
      var ordered = [Rotated](repeating: Rotated(bits: 0, urlID: 0), count: texts.count)
      for text in texts {
        let value = Int(text.simhash >> shift & 0xFFFF)
        ends[value] -= 1
        let bits = band == 0 ? text.simhash : text.simhash >> shift | text.simhash << (64 - shift)
        ordered[ends[value]] = Rotated(bits: bits, urlID: text.urlID)
      }
      if isUnwanted() { return nil }
      let isWhole = ordered.withUnsafeMutableBufferPointer { all in
        for value in ends.indices {
          if value % 1_024 == 0, isUnwanted() { return false }
          let end = value + 1 < ends.count ? ends[value + 1] : all.count
          guard end - ends[value] > 1 else { continue }
          guard compare(UnsafeMutableBufferPointer(rebasing: all[ends[value]..<end]), &found, isUnwanted) else {
            return false
          }
        }
        return true
      }
      guard isWhole else { return nil }
    }
    return found.values.flatMap(\.self)
  }

  /// Compares those that share a band. False when it was broken off.
  private static func compare(
    _ texts: UnsafeMutableBufferPointer<Rotated>, _ found: inout [Int64: [Pair]], _ isUnwanted: () -> Bool
  ) -> Bool {
    var texts = texts
    texts.sort { $0.bits < $1.bits }
    for place in texts.indices {
      if place % 4_096 == 4_095, isUnwanted() { return false }
      let text = texts[place]
      for other in texts[(place + 1)..<min(texts.count, place + 1 + maxComparisons)] {
        let distance = (text.bits ^ other.bits).nonzeroBitCount
        if distance > maxDistance { continue }
        add(
          Pair(urlID: min(text.urlID, other.urlID), otherURLID: max(text.urlID, other.urlID), distance: distance),
          to: &found)
      }
    }
    return true
  }

  /// Keeps the nearest, and of those the first; in that order. A pair that shares several bands comes several times.
  private static func add(_ pair: Pair, to found: inout [Int64: [Pair]]) {
    let isBefore = { (one: Pair, other: Pair) in (one.distance, one.urlID) < (other.distance, other.urlID) }
    var pairs = found[pair.otherURLID] ?? []
    let place = pairs.firstIndex { !isBefore($0, pair) } ?? pairs.count
    guard place < maxPairs, place == pairs.count || pairs[place] != pair else { return }
    pairs.insert(pair, at: place)
    if pairs.count > maxPairs { pairs.removeLast() }
    found[pair.otherURLID] = pairs
  }
}
