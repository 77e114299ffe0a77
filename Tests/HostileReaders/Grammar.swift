/// What the inputs of one reader are made of: whole documents that mean something, and pieces of the language.
struct Grammar: Sendable {
  private let documents: [[UInt8]]
  private let pieces: [[UInt8]]

  init(documents: [String], pieces: [String]) {
    self.init(documents: documents.map { Array($0.utf8) }, pieces: pieces.map { Array($0.utf8) })
  }

  init(documents: [[UInt8]], pieces: [[UInt8]]) {
    self.documents = documents
    self.pieces = pieces + Grammar.common
  }

  /// What no language expects: NUL, controls, half of a character, a surrogate, a byte order mark, long numbers.
  private static let common: [[UInt8]] =
    [
      [0], [9], [10], [13], [13, 10], [0x20], [0x1F], [0x7F], [0x80], [0x85], [0xA0], [0xC2], [0xC3, 0xA9],
      [0xE2, 0x80],
      [0xE2, 0x80, 0xA8], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF], [0xEF, 0xBF, 0xBD], [0xF0, 0x9F, 0x98, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xFE, 0xFF], [0xFF, 0xFE],
    ] + ["0", "-1", "2147483648", "9223372036854775808", "1e999", "99999999999999999999", "."].map { Array($0.utf8) }

  /// The input with this number.
  func input(seed: UInt64, _ number: Int) -> [UInt8] {
    var numbers = SeededNumbers(seed: seed, number)
    return switch numbers.below(8) {
    case 0: random(&numbers)
    case 1, 2: sequence(upTo: 120, &numbers)
    case 3: repetition(&numbers)
    default: mutation(&numbers)
    }
  }

  private func random(_ numbers: inout SeededNumbers) -> [UInt8] {
    (0..<numbers.below(300)).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
  }

  private func sequence(upTo count: Int, _ numbers: inout SeededNumbers) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<numbers.below(count) { bytes += pieces[numbers.below(pieces.count)] }
    return bytes
  }

  /// A few pieces over and over, as deep as a reader's own limits, with others around them.
  private func repetition(_ numbers: inout SeededNumbers) -> [UInt8] {
    let unit = sequence(upTo: 4, &numbers)
    var bytes = numbers.below(2) == 0 ? sequence(upTo: 6, &numbers) : document(&numbers)
    for _ in 0..<min(1 << numbers.below(12), 32_768 / max(unit.count, 1)) { bytes += unit }
    return bytes + sequence(upTo: 6, &numbers)
  }

  private func document(_ numbers: inout SeededNumbers) -> [UInt8] {
    documents.isEmpty ? [] : documents[numbers.below(documents.count)]
  }

  /// A document with some of its bytes changed, dropped, doubled, or replaced by what stands elsewhere.
  private func mutation(_ numbers: inout SeededNumbers) -> [UInt8] {
    var bytes = document(&numbers)
    for _ in 0...numbers.below(8) {
      let start = numbers.below(bytes.count + 1)
      let end = min(bytes.count, start + numbers.below(1 << numbers.below(8)))
      switch numbers.below(8) {
      case 0: bytes.removeSubrange(start..<end)
      case 1: bytes.insert(contentsOf: bytes[start..<end], at: start)
      case 2: bytes.replaceSubrange(start..<end, with: pieces[numbers.below(pieces.count)])
      case 3:
        let other = document(&numbers)
        let place = numbers.below(other.count + 1)
        bytes.replaceSubrange(start..<end, with: other[place..<min(other.count, place + 40)])
      case 4: if numbers.below(4) == 0 { bytes.removeSubrange(start...) }
      case 5: if start < bytes.count { bytes[start] ^= 1 << UInt8(numbers.below(8)) }
      default: bytes.insert(contentsOf: pieces[numbers.below(pieces.count)], at: start)
      }
    }
    return bytes
  }
}

/// Numbers that look random and are those of a seed and an input's number (SplitMix64 by Steele, Lea and Flood).
package struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64, _ number: Int) {
    state = seed &* 0xD6E8_FEB8_6659_FD93 ^ UInt64(truncatingIfNeeded: number) &* 0xA076_1D64_78BD_642F
    _ = next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number in 0 ..< bound; 0 for a bound of 0.
  mutating func below(_ bound: Int) -> Int { bound > 0 ? Int(next() % UInt64(bound)) : 0 }
}
