/// Counts the words of the visible text and hashes it, eight bytes at a time.
///
/// What is hashed is the text in UTF-8, each word with one space behind it, packed over the limits of runs: equal texts
/// have equal hashes, however they are written and whatever elements they stand in. White space of Unicode parts words, and
/// hidden characters are none, written plainly or as a character reference. Only bytes that are no UTF-8 are hashed as they
/// are.
struct TextMeter {
  private(set) var words = 0
  /// Whether NUL is no character at all, as in the content of HTML's elements; otherwise it stands for U+FFFD.
  var dropsNUL = true
  /// 0x80 when the last byte belonged to a word, else 0: the next byte then begins none.
  private var carry: UInt64 = 0
  /// Not 0 when the last word still lacks its space; `carry` is 0 then.
  private var owed: UInt64 = 0
  private var state: UInt64 = 0x243F_6A88_85A3_08D3
  /// The bytes that are not in `state` yet: the lowest `pendingBits`, fewer than 64; above them it is zero.
  private var pending: UInt64 = 0
  private var pendingBits: UInt64 = 0
  /// Whether bytes beyond ASCII are windows-1252; otherwise they are UTF-8.
  private let isWindows1252: Bool

  init(isWindows1252: Bool) { self.isWindows1252 = isWindows1252 }

  /// A block of text ended: what follows begins a new word.
  @inline(__always)
  mutating func breakWord() {
    owed |= carry
    carry = 0
  }

  /// Adds the text from `start` to the next `<` or `end`, whose place it returns. Bytes from 1 to 0x20 are white space.
  @inline(__always)
  mutating func addRun(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    // Most runs between two tags are short.
    if start &+ 8 <= end {
      let chunk = Octet.load8(bytes + start)
      let match = special(chunk)
      let bits = UInt64(match.trailingZeroBitCount & ~7)
      if match != 0 && UInt8(truncatingIfNeeded: chunk &>> bits) == Octet.lessThan {
        if bits > 0 { add(chunk & ((1 &<< bits) &- 1), bits: bits) }
        return start &+ Int(bits / 8)
      }
    }
    return addLongRun(bytes, start, end)
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
    if index > start { meter.breakWord() }
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

  // MARK: - Character references, NUL and bytes beyond ASCII

  /// The high bit of the first byte of `chunk` that is a `<` or may begin one of these; bits above may be wrong.
  @inline(__always)
  private func special(_ chunk: UInt64) -> UInt64 {
    let first = Octet.firstOf(Octet.lessThan, Octet.ampersand, orNULOrBeyondASCII: chunk)
    guard chunk & 0x8080_8080_8080_8080 != 0 && !isWindows1252 else { return first }
    let firstOfASCII = first & ~chunk
    return firstOfASCII | Octet.firstMatch(chunk, 0xC2) | Octet.firstMatch(chunk & 0xFCFC_FCFC_FCFC_FCFC, 0xE0)
  }

  /// Adds what begins at `index`, where `special` found something that is no `<`; the place behind it.
  private mutating func addSpecial(_ bytes: UnsafePointer<UInt8>, _ index: Int, _ end: Int) -> Int {
    let byte = bytes[index]
    if byte == Octet.ampersand {
      if let match = CharacterReferences.match(bytes, index, end, inAttribute: false) {
        add(codePoint: match.first)
        if match.second != 0 { add(codePoint: match.second) }
        return index &+ match.length
      }
    } else if byte == 0 {
      if !dropsNUL { add(codePoint: 0xFFFD) }
      return index &+ 1
    } else if isWindows1252 {
      add(codePoint: UInt32(Windows1252.codePoint(byte)))
      return index &+ 1
    } else {
      let length = WhiteSpace.length(bytes, index, end)
      if length > 0 {
        breakWord()
        return index &+ length
      }
      let hidden = HiddenCharacter.length(bytes, index, end)
      if hidden > 0 { return index &+ hidden }
    }
    addCharacter(byte)
    return index &+ 1
  }

  private mutating func add(codePoint: UInt32) {
    if WhiteSpace.contains(codePoint) { return breakWord() }
    if HiddenCharacter.contains(codePoint) { return }
    let scalar = Unicode.Scalar(codePoint) ?? "\u{FFFD}"
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { addCharacter(byte) }
  }

  // MARK: - The sum

  /// The hash of all text added; nil when there was none.
  func finish() -> UInt64? {
    guard words > 0 else { return nil }
    var meter = self
    if carry | owed != 0 { meter.append(UInt64(Octet.space), bits: 8) }
    return mixed(mixed(meter.state, meter.pending), UInt64(words))
  }

  /// Adds the lowest `bits`, at least 8, of `text`; above them it is zero.
  @inline(__always)
  private mutating func add(_ text: UInt64, bits: UInt64) {
    var (text, bits) = (text, bits)
    var visible = Octet.visible(text)
    guard visible != 0 else { return breakWord() }
    if carry == 0 {
      // A word begins in it. The white space before that is not told from none.
      if owed != 0 { append(UInt64(Octet.space), bits: 8) }
      owed = 0
      let leading = UInt64(visible.trailingZeroBitCount & ~7)
      (text, visible, bits) = (text &>> leading, visible &>> leading, bits &- leading)
    }
    let starts = visible & ~((visible &<< 8) | carry)
    words &+= TextMeter.count(starts)
    carry = (visible &>> (bits &- 8)) & 0x80
    let spaces = ~visible & 0x8080_8080_8080_8080 & (~0 &>> (64 &- bits))
    if spaces & (spaces &<< 8) == 0 {
      append(TextMeter.spaced(text, spaces), bits: bits)
    } else {
      appendSqueezed(text, spaces, bits: bits)
    }
  }

  /// As `append`, with one space for each run of white space, whose bytes' high bits are `spaces`.
  private mutating func appendSqueezed(_ text: UInt64, _ spaces: UInt64, bits: UInt64) {
    let kept = ~(spaces & (spaces &<< 8)) & 0x8080_8080_8080_8080
    let text = TextMeter.spaced(text, spaces)
    var place: UInt64 = 0
    while place < bits {
      if (kept &>> place) & 0x80 != 0 { append((text &>> place) & 0xFF, bits: 8) }
      place &+= 8
    }
  }

  /// Appends the lowest `bits`, at least 8, of `text` to what is hashed.
  @inline(__always)
  private mutating func append(_ text: UInt64, bits: UInt64) {
    pending |= text &<< pendingBits
    let sum = pendingBits &+ bits
    if sum >= 64 {
      state = mixed(state, pending)
      pending = (text &>> 1) &>> (63 &- pendingBits)
    }
    pendingBits = sum & 63
  }

  /// Does what `add` does for chunks of eight bytes from `start` on, as long as they are ASCII without `<`, `&`, NUL and white
  /// space side by side, in fewer steps; the place behind them.
  private mutating func addPlainChunks(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    guard owed == 0 else { return start }
    var (index, words, carry, state, pending) = (start, words, carry, state, pending)
    let pendingBits = pendingBits
    while index &+ 8 <= end {
      let chunk = Octet.load8(bytes + index)
      if Octet.firstOf(Octet.lessThan, Octet.ampersand, orNULOrBeyondASCII: chunk) != 0 { break }
      let visible = (chunk &+ 0x5F5F_5F5F_5F5F_5F5F) & 0x8080_8080_8080_8080
      let before = (visible &<< 8) | carry
      let spaces = visible ^ 0x8080_8080_8080_8080
      if spaces & ~before != 0 { break }
      index &+= 8
      words &+= TextMeter.count(visible & ~before)
      carry = visible &>> 56
      let text = TextMeter.spaced(chunk, spaces)
      state = mixed(state, pending | text &<< pendingBits)
      pending = (text &>> 1) &>> (63 &- pendingBits)
    }
    (self.words, self.carry, self.state, self.pending) = (words, carry, state, pending)
    return index
  }

  /// How many bytes have the high bit, where no other is set: the product's top byte.
  @inline(__always)
  private static func count(_ bits: UInt64) -> Int {
    Int(truncatingIfNeeded: ((bits &>> 7) &* 0x0101_0101_0101_0101) &>> 56)
  }

  /// `text` with a space for each byte whose high bit is in `spaces`.
  @inline(__always)
  private static func spaced(_ text: UInt64, _ spaces: UInt64) -> UInt64 {
    let mask = spaces | (spaces &- (spaces &>> 7))
    return (text & ~mask) | (mask & 0x2020_2020_2020_2020)
  }

  @inline(__always)
  private func mixed(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low &+ 0x1319_8A2E_0370_7344
  }
}
