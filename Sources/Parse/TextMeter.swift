/// Counts the words of the visible text and hashes it without its white space, eight bytes at a time.
struct TextMeter {
  private(set) var words = 0
  /// 0x80 when the last byte belonged to a word, else 0: the next byte then begins none.
  private var carry: UInt64 = 0
  private var pending: UInt64 = 0
  private var pendingBits: UInt64 = 0
  private var state: UInt64 = 0x243F_6A88_85A3_08D3
  private var length: UInt64 = 0

  /// A block of text ended: what follows begins a new word.
  @inline(__always)
  mutating func breakWord() { carry = 0 }

  /// Adds `bytes[start..<end]`. Bytes up to 0x20 are white space.
  @inline(__always)
  mutating func add(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) {
    var index = start
    while index &+ 8 <= end {
      add(Octet.load8(bytes + index))
      index &+= 8
    }
    guard index < end else { return }
    var rest: UInt64 = 0
    var shift: UInt64 = 0
    while index < end {
      rest |= UInt64(bytes[index]) &<< shift
      shift &+= 8
      index &+= 1
    }
    add(rest, bits: shift)
  }

  /// The hash of all text added; nil when there was none.
  func finish() -> UInt64? {
    guard length > 0 || pendingBits > 0 else { return nil }
    return mixed(mixed(state, pending), length &+ pendingBits / 8)
  }

  /// Adds the lowest `bits` of `chunk`; the rest of it is zero, which is white space.
  @inline(__always)
  private mutating func add(_ chunk: UInt64, bits: UInt64 = 64) {
    // The high bit of each byte above 0x20.
    let high: UInt64 = 0x8080_8080_8080_8080
    let visible = (((chunk & ~high) &+ 0x5F5F_5F5F_5F5F_5F5F) | chunk) & high
    words &+= (visible & ~((visible &<< 8) | carry)).nonzeroBitCount
    carry = (visible &>> (bits &- 8)) & 0x80
    var (packed, count) = (chunk, bits)
    var blank = ~visible & high & (bits == 64 ? ~0 : (1 &<< bits) &- 1)
    while blank != 0 {
      // Takes the highest blank byte out.
      let place = UInt64(56 &- (blank.leadingZeroBitCount & ~7))
      let below: UInt64 = (1 &<< place) &- 1
      packed = (packed & below) | ((packed &>> 8) & ~below)
      count &-= 8
      blank &= (1 &<< place) &- 1
    }
    append(packed, bits: count)
  }

  @inline(__always)
  private mutating func append(_ packed: UInt64, bits: UInt64) {
    guard bits > 0 else { return }
    pending |= packed &<< pendingBits
    let total = pendingBits &+ bits
    if total >= 64 {
      state = mixed(state, pending)
      length &+= 8
      pending = pendingBits == 0 ? 0 : packed &>> (64 &- pendingBits)
      pendingBits = total &- 64
    } else {
      pendingBits = total
    }
  }

  @inline(__always)
  private func mixed(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low &+ 0x1319_8A2E_0370_7344
  }
}
