/// An index of the Encoding Standard (section 5): which code point a pointer means.
struct EncodingIndex: Sendable {
  /// By pointer; 0 where there is none.
  private var codePoints: [UInt32]

  /// The index that `text` tells. Its characters stand at one pointer after the other; a number passes over as many
  /// pointers, and a hyphen between two characters stands for those between them. White space means nothing.
  init(count: Int, _ text: UnsafeBufferPointer<UInt8>) {
    codePoints = []
    codePoints.reserveCapacity(count)
    var gap = 0
    var isRange = false
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "0"..."9":
        gap = gap * 10 + Int(scalar.value - 0x30)
        continue
      case "-": isRange = true
      case " ", "\n": continue
      default:
        codePoints.append(contentsOf: repeatElement(0, count: gap))
        if isRange, let first = codePoints.last { codePoints.append(contentsOf: first + 1..<scalar.value) }
        codePoints.append(scalar.value)
        isRange = false
      }
      gap = 0
    }
    codePoints.append(contentsOf: repeatElement(0, count: count - codePoints.count))
  }

  init(count: Int, _ text: StaticString) {
    self.init(count: count, UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// An index without a null.
  init(_ codePoints: [UInt32]) { self.codePoints = codePoints }

  /// With those code points of `range` that the index lacks, in order, at the first of `pointers`.
  func filled(in pointers: [Int], with range: ClosedRange<UInt32>) -> EncodingIndex {
    let present = Set(codePoints)
    var index = self
    for (pointer, codePoint) in zip(pointers, range.lazy.filter { !present.contains($0) }) {
      index.codePoints[pointer] = codePoint
    }
    return index
  }

  /// The "index code point"; nil is the standard's null. `pointer` is at least 0.
  func codePoint(_ pointer: Int) -> UInt32? {
    guard pointer < codePoints.count, codePoints[pointer] != 0 else { return nil }
    return codePoints[pointer]
  }

  /// All pointers that mean a code point, with it.
  var entries: some Sequence<(offset: Int, element: UInt32)> {
    codePoints.enumerated().lazy.filter { $0.element != 0 }
  }
}
