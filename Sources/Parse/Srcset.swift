/// The `srcset` attribute (HTML Standard, "parsing a srcset attribute"): which parts of it are URLs.
struct Srcset: Sequence, IteratorProtocol {
  private let text: UnsafeBufferPointer<UInt8>
  private var index = 0

  /// `text` must outlive the value.
  init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

  /// The next candidate's URL. Its descriptors (`2x`, `640w`) are skipped, not judged.
  mutating func next() -> UnsafeBufferPointer<UInt8>? {
    while index < text.count && (Octet.isWhitespace(text[index]) || text[index] == Octet.comma) { index += 1 }
    guard index < text.count else { return nil }
    let start = index
    while index < text.count && !Octet.isWhitespace(text[index]) { index += 1 }
    var end = index
    if text[end - 1] == Octet.comma {
      while text[end - 1] == Octet.comma { end -= 1 }
    } else {
      skipDescriptors()
    }
    return UnsafeBufferPointer(rebasing: text[start..<end])
  }

  /// To the next comma that no parentheses enclose.
  private mutating func skipDescriptors() {
    var isEnclosed = false
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "("): isEnclosed = true
      case UInt8(ascii: ")"): isEnclosed = false
      case Octet.comma where !isEnclosed: return
      default: break
      }
      index += 1
    }
  }
}
