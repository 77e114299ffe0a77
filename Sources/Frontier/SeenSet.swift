/// The exact map fingerprint → id of every URL that a task knows (the crawler literature's "seen set").
///
/// It grows in segments by extendible hashing: a segment that is full splits in two, so that one insertion never moves
/// more than 64 Ki entries, and memory stays between 18 and 37 bytes per entry (about 26 on average). Fingerprints are
/// keyed hashes, so hostile URLs can't choose where they land.
package struct SeenSet {
  /// What a known URL may still become when it is offered again.
  package enum Standing: UInt8, Sendable {
    /// Nothing: it is queued, visited, or excluded for good.
    case settled
    /// It becomes ready when it is offered at an allowed depth.
    case excludedForDepth
    /// It becomes ready when a link without nofollow names it.
    case excludedForNofollow
    /// It becomes ready when a link of a followed kind names it.
    case excludedForKind
    /// It becomes ready when anything but too long a chain of redirects names it.
    case excludedForRedirects
    /// It becomes ready when it is offered as a seed, or a seed redirects to it: most rules do not apply to these. In a
    /// task with rules of its own for which spellings are one URL, also when it is offered in a spelling that no rule
    /// excludes. In a task whose scope has grown since, also when it is named again.
    case excludedForSpelling
    /// As `excludedForSpelling`; it is a seed.
    case excludedSeed
    /// It stays so, whoever names it, until the task judges what its budgets have excluded.
    case excludedForBudget
    /// It becomes ready when it is named again and no handler drops it.
    case excludedForHandler

    /// It is excluded for how it was named.
    var isOfNaming: Bool {
      switch self {
      case .excludedForDepth, .excludedForNofollow, .excludedForKind, .excludedForRedirects: true
      case .settled, .excludedForSpelling, .excludedSeed, .excludedForBudget, .excludedForHandler: false
      }
    }
  }

  package struct Element: Sendable {
    package var id: Int64
    package var standing: Standing

    package init(id: Int64, standing: Standing) {
      self.id = id
      self.standing = standing
    }

    fileprivate init(packed: UInt64) {
      self.id = Int64(packed >> 8)
      self.standing = Standing(rawValue: UInt8(truncatingIfNeeded: packed)) ?? .settled
    }

    fileprivate var packed: UInt64 { UInt64(id) << 8 | UInt64(standing.rawValue) }
  }

  /// One open-addressed table with linear probing. An empty slot has the value 0 (ids start at 1).
  private final class Segment {
    static let maxCapacity = 1 << 16

    private struct Slot {
      var fingerprint: UInt64 = 0
      var value: UInt64 = 0
    }

    /// A power of two. Both halves of a slot lie in one cache line.
    private let slots: UnsafeMutableBufferPointer<Slot>
    private(set) var count = 0
    /// How many high bits of a fingerprint all entries of this segment share.
    let depth: Int

    init(depth: Int, capacity: Int) {
      self.depth = depth
      slots = .allocate(capacity: capacity)
      slots.initialize(repeating: Slot())
    }

    deinit { slots.deallocate() }

    var capacity: Int { slots.count }

    /// 0: it has no such fingerprint.
    func value(of fingerprint: UInt64) -> UInt64 { slots[slot(of: fingerprint)].value }

    /// The slot that holds the fingerprint, or the empty one where it belongs.
    private func slot(of fingerprint: UInt64) -> Int {
      let mask = slots.count - 1
      var slot = Int(truncatingIfNeeded: fingerprint) & mask
      while slots[slot].value != 0 && slots[slot].fingerprint != fingerprint { slot = (slot + 1) & mask }
      return slot
    }

    func insert(_ fingerprint: UInt64, _ value: UInt64) {
      let slot = slot(of: fingerprint)
      if slots[slot].value == 0 { count += 1 }
      slots[slot] = Slot(fingerprint: fingerprint, value: value)
    }

    /// Inserts every entry into the segment that `destination` names for its fingerprint.
    func redistribute(_ destination: (UInt64) -> Segment) {
      for slot in slots where slot.value != 0 { destination(slot.fingerprint).insert(slot.fingerprint, slot.value) }
    }
  }

  /// By the high `directoryDepth` bits of a fingerprint.
  private var directory: [Segment]
  private var directoryDepth = 0
  package private(set) var count = 0

  package init() {
    directory = [Segment(depth: 0, capacity: 64)]
  }

  /// The known URL with this fingerprint.
  package subscript(fingerprint: UInt64) -> Element? {
    let value = segment(of: fingerprint).value(of: fingerprint)
    return value == 0 ? nil : Element(packed: value)
  }

  /// Inserts or replaces. Amortised constant; at worst 64 Ki entries move.
  package mutating func insert(_ fingerprint: UInt64, _ element: Element) {
    guard element.id > 0 && element.id < 1 << 55 else { fatalError("ids of known URLs are positive and below 2^55") }
    var target = segment(of: fingerprint)
    if target.count >= target.capacity / 8 * 7 {
      grow(target, for: fingerprint)
      target = segment(of: fingerprint)
    }
    let before = target.count
    target.insert(fingerprint, element.packed)
    count += target.count - before
  }

  private func segment(of fingerprint: UInt64) -> Segment {
    directoryDepth == 0 ? directory[0] : directory[Int(truncatingIfNeeded: fingerprint >> (64 - directoryDepth))]
  }

  private mutating func grow(_ full: Segment, for fingerprint: UInt64) {
    if full.capacity < Segment.maxCapacity {
      let larger = Segment(depth: full.depth, capacity: full.capacity * 2)
      full.redistribute { _ in larger }
      replace(full, for: fingerprint) { _ in larger }
      return
    }
    if full.depth == directoryDepth {
      directory = directory.flatMap { [$0, $0] }
      directoryDepth += 1
    }
    let halves = [0, 1].map { _ in Segment(depth: full.depth + 1, capacity: Segment.maxCapacity) }
    let shift = 63 - full.depth
    full.redistribute { halves[Int($0 >> shift) & 1] }
    let unshared = directoryDepth - full.depth - 1
    replace(full, for: fingerprint) { index in halves[index >> unshared & 1] }
  }

  /// Puts new segments into every directory place that the full one held: a contiguous run.
  private mutating func replace(_ full: Segment, for fingerprint: UInt64, by new: (Int) -> Segment) {
    let span = 1 << (directoryDepth - full.depth)
    let place = directoryDepth == 0 ? 0 : Int(truncatingIfNeeded: fingerprint >> (64 - directoryDepth))
    let first = place / span * span
    for index in first..<first + span { directory[index] = new(index) }
  }
}
