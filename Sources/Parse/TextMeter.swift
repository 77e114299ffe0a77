/// Counts the words of the visible text and hashes it, eight bytes at a time.
///
/// What is hashed are the runs of text between tags without the white space around them: the same text gives the same
/// hash, however its elements are indented.
struct TextMeter {
  private(set) var words = 0
  /// 0x80 when the last byte belonged to a word, else 0: the next byte then begins none.
  private var carry: UInt64 = 0
  private var state: UInt64 = 0x243F_6A88_85A3_08D3

  /// A block of text ended: what follows begins a new word.
  @inline(__always)
  mutating func breakWord() { carry = 0 }

  /// Adds the text from `start` to the next `<` or `end`, whose place it returns. Bytes up to 0x20 are white space.
  @inline(__always)
  mutating func addRun(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var meter = self
    var index = start
    // The first chunk begins with the first visible byte; a `<` is one.
    while index &+ 8 <= end {
      let visible = Octet.visible(Octet.load8(bytes + index))
      index &+= visible == 0 ? 8 : visible.trailingZeroBitCount / 8
      if visible != 0 { break }
    }
    if index > start { meter.carry = 0 }
    while index &+ 8 <= end {
      let chunk = Octet.load8(bytes + index)
      let match = Octet.firstMatch(chunk, Octet.lessThan)
      if match != 0 {
        let bits = UInt64(match.trailingZeroBitCount & ~7)
        if bits > 0 { meter.add(chunk & ((1 &<< bits) &- 1), bits: bits) }
        self = meter
        return index &+ Int(bits / 8)
      }
      meter.add(chunk, bits: 64)
      index &+= 8
    }
    index = meter.addRest(bytes, index, end)
    self = meter
    return index
  }

  /// The last bytes of the page.
  private mutating func addRest(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    let next = Octet.find(Octet.lessThan, bytes, start, end)
    if next > start { add(Octet.load(bytes, start, next), bits: UInt64(next - start) * 8) }
    return next
  }

  /// The hash of all text added; nil when there was none.
  func finish() -> UInt64? { words == 0 ? nil : mixed(state, UInt64(words)) }

  /// Adds the lowest `bits` of `text`; above them it is zero.
  @inline(__always)
  private mutating func add(_ text: UInt64, bits: UInt64) {
    let visible = Octet.visible(text)
    let starts = visible & ~((visible &<< 8) | carry)
    // One bit per byte: the product's top byte is their number.
    words &+= Int(truncatingIfNeeded: ((starts &>> 7) &* 0x0101_0101_0101_0101) &>> 56)
    carry = (visible &>> (bits &- 8)) & 0x80
    guard visible != 0 else { return }
    state = mixed(state, text & (~0 &>> UInt64(visible.leadingZeroBitCount)))
  }

  @inline(__always)
  private func mixed(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low &+ 0x1319_8A2E_0370_7344
  }
}
