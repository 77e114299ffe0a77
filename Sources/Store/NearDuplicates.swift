/// Texts that are nearly the same, by their simhashes.
///
/// Two hashes that differ in at most 3 of 64 bits agree in one of four bands of 16 bits, so only texts that share a band are
/// compared (Manku et al. 2007, section 3). Where many share one, as the pages of one template do, each is compared with
/// those that come next to it in the order of its other bits.
package struct NearDuplicates {
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
  /// The most pairs that a text has with texts before it, the nearest ones: so thousands of texts that are all alike cost
  /// linear time.
  package static let maxPairs = 16
  /// Texts that have pairs with texts before them; beyond, some are without.
  package static let maxPairedTexts = 131_072
  /// The most texts that each text of a band is compared with.
  static let maxComparisons = 256

  /// By URL, so that places in it order them.
  private let texts: [Text]
  /// For each text where its pairs are in `pairs`, in blocks of `maxPairs`, counted from 1; 0: it has none.
  private var blocks: [UInt32]
  /// Of each block, in order: the distance in the upper half, the place of the text before in the lower one.
  private var pairs: [UInt64] = []
  private let maxPairedTexts: Int
  /// A text is without pairs since too many others have some.
  private var isPartial = false

  private struct Rotated {
    var bits: UInt64
    var place: UInt32
  }

  private init(_ texts: [Text], maxPairedTexts: Int) {
    self.texts = texts.sorted { $0.urlID < $1.urlID }
    self.maxPairedTexts = maxPairedTexts
    blocks = [UInt32](repeating: 0, count: texts.count)
  }

  /// All pairs, within the bounds above, by `urlID` and `otherURLID`; and whether the bound of texts left some out.
  ///
  /// Cost: a million random texts 0.4 s and 40 MB; 52 bytes for each text, and 120 MB at most for pairs. A million texts of
  /// which all that share a band are near: 256 comparisons for each in each band, some seconds.
  ///
  /// - Parameters:
  ///   - texts: fewer than 2³² of them.
  ///   - isUnwanted: asked now and then; when it says so the result is nil.
  package static func pairs(
    of texts: [Text], maxPairedTexts: Int = maxPairedTexts, isUnwanted: () -> Bool = { false }
  ) -> (pairs: [Pair], isPartial: Bool)? {
    guard texts.count > 1 else { return ([], false) }
    var found = NearDuplicates(texts, maxPairedTexts: maxPairedTexts)
    for band in 0..<4 { guard found.compareBand(band, isUnwanted) else { return nil } }
    return (found.all, found.isPartial)
  }

  private var all: [Pair] {
    var all: [Pair] = []
    for (place, block) in blocks.enumerated() where block > 0 {
      for pair in pairs[Self.range(ofBlock: block)] where pair != .max {
        all.append(
          Pair(
            urlID: texts[Int(pair & 0xFFFF_FFFF)].urlID, otherURLID: texts[place].urlID, distance: Int(pair >> 32)))
      }
    }
    all.sort { ($0.urlID, $0.otherURLID) < ($1.urlID, $1.otherURLID) }
    return all
  }

  private static func range(ofBlock block: UInt32) -> Range<Int> {
    (Int(block) - 1) * maxPairs..<Int(block) * maxPairs
  }

  /// Compares those that agree in 16 bits. False when it was broken off.
  private mutating func compareBand(_ band: Int, _ isUnwanted: () -> Bool) -> Bool {
    let shift = UInt64(16 * band)
    var ends = [Int](repeating: 0, count: 1 << 16)
    for text in texts { ends[Int(text.simhash >> shift & 0xFFFF)] += 1 }
    for value in 1..<ends.count { ends[value] += ends[value - 1] }
    // Each goes before those of its band that are there; then `ends` has the beginnings.
    var ordered = [Rotated](repeating: Rotated(bits: 0, place: 0), count: texts.count)
    for (place, text) in texts.enumerated() {
      let value = Int(text.simhash >> shift & 0xFFFF)
      ends[value] -= 1
      let bits = band == 0 ? text.simhash : text.simhash >> shift | text.simhash << (64 - shift)
      ordered[ends[value]] = Rotated(bits: bits, place: UInt32(truncatingIfNeeded: place))
    }
    if isUnwanted() { return false }
    return ordered.withUnsafeMutableBufferPointer { all in
      for value in ends.indices {
        if value % 1_024 == 0, isUnwanted() { return false }
        let end = value + 1 < ends.count ? ends[value + 1] : all.count
        guard end - ends[value] > 1 else { continue }
        guard compare(UnsafeMutableBufferPointer(rebasing: all[ends[value]..<end]), isUnwanted) else { return false }
      }
      return true
    }
  }

  private mutating func compare(_ texts: UnsafeMutableBufferPointer<Rotated>, _ isUnwanted: () -> Bool) -> Bool {
    var texts = texts
    texts.sort { $0.bits < $1.bits }
    for place in texts.indices {
      if place % 4_096 == 4_095, isUnwanted() { return false }
      let text = texts[place]
      for other in texts[(place + 1)..<min(texts.count, place + 1 + Self.maxComparisons)] {
        let distance = (text.bits ^ other.bits).nonzeroBitCount
        if distance > Self.maxDistance { continue }
        add(min(text.place, other.place), to: max(text.place, other.place), distance: distance)
      }
    }
    return true
  }

  /// Keeps the nearest, and of those the first; in that order. A pair that shares several bands comes several times.
  private mutating func add(_ before: UInt32, to text: UInt32, distance: Int) {
    if blocks[Int(text)] == 0 {
      guard pairs.count / Self.maxPairs < maxPairedTexts else { return isPartial = true }
      pairs.append(contentsOf: repeatElement(.max, count: Self.maxPairs))
      blocks[Int(text)] = UInt32(truncatingIfNeeded: pairs.count / Self.maxPairs)
    }
    let range = Self.range(ofBlock: blocks[Int(text)])
    let new = UInt64(distance) << 32 | UInt64(before)
    guard new < pairs[range.upperBound - 1], let place = range.first(where: { pairs[$0] >= new }), pairs[place] != new
    else { return }
    for next in stride(from: range.upperBound - 1, to: place, by: -1) { pairs[next] = pairs[next - 1] }
    pairs[place] = new
  }
}
