/// Counts the words of the visible text and hashes it, eight bytes at a time.
///
/// White space of Unicode parts words, written plainly or as a character reference. What is hashed are the runs of text
/// between tags without the white space around them: the same text gives the same hash, however its elements are
/// indented.
struct TextMeter {
  private(set) var words = 0
  /// Whether NUL is no character at all, as in the content of HTML's elements; otherwise it stands for U+FFFD.
  var dropsNUL = true
  /// 0x80 when the last byte belonged to a word, else 0: the next byte then begins none.
  private var carry: UInt64 = 0
  private var state: UInt64 = 0x243F_6A88_85A3_08D3
  /// Whether bytes beyond ASCII are windows-1252; otherwise they are UTF-8.
  private let isWindows1252: Bool

  init(isWindows1252: Bool) { self.isWindows1252 = isWindows1252 }

  /// A block of text ended: what follows begins a new word.
  @inline(__always)
  mutating func breakWord() { carry = 0 }

  /// Adds the text from `start` to the next `<` or `end`, whose place it returns. Bytes from 1 to 0x20 are white space.
  @inline(__always)
  mutating func addRun(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    // Most runs between two tags are short.
    if start &+ 8 <= end {
      let chunk = Octet.load8(bytes + start)
      let match = special(chunk)
      let bits = UInt64(match.trailingZeroBitCount & ~7)
      if match != 0 && UInt8(truncatingIfNeeded: chunk &>> bits) == Octet.lessThan {
        addShortRun(chunk & ((1 &<< bits) &- 1), bits: bits)
        return start &+ Int(bits / 8)
      }
    }
    return addLongRun(bytes, start, end)
  }

  /// Adds the lowest `bits` of `text`, a run without anything special; above them it is zero.
  @inline(__always)
  private mutating func addShortRun(_ text: UInt64, bits: UInt64) {
    guard bits > 0 else { return }
    let leading = UInt64(Octet.visible(text).trailingZeroBitCount & ~7)
    if leading > 0 { carry = 0 }
    if leading < 64 { add(text &>> leading, bits: bits &- leading) }
  }

  private mutating func addLongRun(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var meter = self
    var index = start
    // The first chunk begins with the first byte that is no white space; a `<` is one, and so is NUL.
    while index &+ 8 <= end {
      let chunk = Octet.load8(bytes + index)
      let visible = Octet.visible(chunk) | Octet.firstMatch(chunk, 0)
      index &+= visible == 0 ? 8 : visible.trailingZeroBitCount / 8
      if visible != 0 { break }
    }
    if index > start { meter.carry = 0 }
    while index &+ 8 <= end {
      index = meter.addPlainChunks(bytes, index, end)
      guard index &+ 8 <= end else { break }
      let chunk = Octet.load8(bytes + index)
      let match = meter.special(chunk)
      if match == 0 {
        meter.add(chunk, bits: 64)
        index &+= 8
        continue
      }
      let bits = UInt64(match.trailingZeroBitCount & ~7)
      if bits > 0 { meter.add(chunk & ((1 &<< bits) &- 1), bits: bits) }
      index &+= Int(bits / 8)
      if bytes[index] == Octet.lessThan {
        self = meter
        return index
      }
      index = meter.addSpecial(bytes, index, end)
    }
    index = meter.addRest(bytes, index, end)
    self = meter
    return index
  }

  /// The last bytes of the page.
  private mutating func addRest(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var index = start
    while index < end && bytes[index] != Octet.lessThan {
      var next = index
      while next < end && special(UInt64(bytes[next])) & 0x80 == 0 { next += 1 }
      if next > index {
        add(Octet.load(bytes, index, next), bits: UInt64(next - index) * 8)
        index = next
      } else {
        index = addSpecial(bytes, index, end)
      }
    }
    return index
  }

  /// Adds a byte that is no markup where it stands.
  mutating func addCharacter(_ byte: UInt8) { add(UInt64(byte), bits: 8) }

  // MARK: - Character references, NUL and white space beyond ASCII

  /// The high bit of the first byte of `chunk` that is a `<` or may begin one of these; bits above may be wrong.
  @inline(__always)
  private func special(_ chunk: UInt64) -> UInt64 {
    let first = Octet.firstOf(Octet.lessThan, Octet.ampersand, orNULOrBeyondASCII: chunk)
    guard chunk & 0x8080_8080_8080_8080 != 0 else { return first }
    let firstOfASCII = first & ~chunk
    if isWindows1252 { return firstOfASCII | Octet.firstMatch(chunk, 0xA0) }
    return firstOfASCII | Octet.firstMatch(chunk, 0xC2) | Octet.firstMatch(chunk & 0xFCFC_FCFC_FCFC_FCFC, 0xE0)
  }

  /// Adds what begins at `index`, where `special` found something that is no `<`; the place behind it.
  private mutating func addSpecial(_ bytes: UnsafePointer<UInt8>, _ index: Int, _ end: Int) -> Int {
    if bytes[index] == Octet.ampersand {
      if let match = CharacterReferences.match(bytes, index, end, inAttribute: false) {
        add(codePoint: match.first)
        if match.second != 0 { add(codePoint: match.second) }
        return index &+ match.length
      }
    } else if bytes[index] == 0 {
      if !dropsNUL { add(codePoint: 0xFFFD) }
      return index &+ 1
    } else {
      let length = isWindows1252 ? 1 : WhiteSpace.length(bytes, index, end)
      if length > 0 {
        carry = 0
        return index &+ length
      }
    }
    addCharacter(bytes[index])
    return index &+ 1
  }

  private mutating func add(codePoint: UInt32) {
    if WhiteSpace.contains(codePoint) {
      carry = 0
      return
    }
    if carry == 0 { words &+= 1 }
    carry = 0x80
    state = mixed(state, UInt64(codePoint))
  }

  // MARK: - The sum

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

  /// Does what `add` does for chunks of eight bytes from `start` on, as long as they are ASCII without `<`, `&` and NUL, in
  /// fewer steps; the place behind them.
  private mutating func addPlainChunks(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var (index, words, carry, state) = (start, words, carry, state)
    while index &+ 8 <= end {
      let chunk = Octet.load8(bytes + index)
      if Octet.firstOf(Octet.lessThan, Octet.ampersand, orNULOrBeyondASCII: chunk) != 0 { break }
      index &+= 8
      let visible = (chunk &+ 0x5F5F_5F5F_5F5F_5F5F) & 0x8080_8080_8080_8080
      let starts = visible & ~((visible &<< 8) | carry)
      words &+= Int(truncatingIfNeeded: ((starts &>> 7) &* 0x0101_0101_0101_0101) &>> 56)
      carry = visible &>> 56
      if visible != 0 { state = mixed(state, chunk & (~0 &>> UInt64(visible.leadingZeroBitCount))) }
    }
    (self.words, self.carry, self.state) = (words, carry, state)
    return index
  }

  @inline(__always)
  private func mixed(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low &+ 0x1319_8A2E_0370_7344
  }
}
