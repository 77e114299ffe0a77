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
    var isLeading = true
    while index &+ 8 <= end {
      let chunk = Octet.load8(bytes + index)
      let match = Octet.firstMatch(chunk, Octet.lessThan)
      var count = 8
      var text = chunk
      if match != 0 {
        count = match.trailingZeroBitCount / 8
        guard count > 0 else {
          self = meter
          return index
        }
        text = chunk & (~0 &>> (64 &- UInt64(count) &* 8))
      }
      let visible = Octet.visible(text)
      if isLeading {
        // The first chunk begins with the first visible byte.
        let blank = visible == 0 ? count : visible.trailingZeroBitCount / 8
        if blank > 0 {
          meter.carry = 0
          index &+= blank
          continue
        }
        isLeading = false
      }
      meter.add(text, visible, bits: UInt64(count) &* 8)
      index &+= count
      if match != 0 { break }
    }
    if index &+ 8 > end { index = meter.addRest(bytes, index, end, isLeading: isLeading) }
    self = meter
    return index
  }

  /// The last bytes of the page.
  private mutating func addRest(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, isLeading: Bool) -> Int {
    let next = Octet.find(Octet.lessThan, bytes, start, end)
    var first = start
    while isLeading && first < next && bytes[first] <= Octet.space {
      carry = 0
      first += 1
    }
    guard next > first else { return next }
    let text = Octet.load(bytes, first, next)
    add(text, Octet.visible(text), bits: UInt64(next - first) * 8)
    return next
  }

  /// The hash of all text added; nil when there was none.
  func finish() -> UInt64? { words == 0 ? nil : mixed(state, UInt64(words)) }

  /// Adds the lowest `bits` of `text`; above them it is zero. `visible` has the high bit of each byte above 0x20.
  @inline(__always)
  private mutating func add(_ text: UInt64, _ visible: UInt64, bits: UInt64) {
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
