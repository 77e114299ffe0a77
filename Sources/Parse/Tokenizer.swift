/// The tokenizer of the HTML Standard (13.2.5) over a page's raw bytes, pulled by tree construction one token at a time.
///
/// The states are places in this code: each method reads from `position`, in one of the standard's states, to where the
/// state after the token begins. Tree construction decides, as the standard says, what is raw text (`skipRawText`) and
/// whether CDATA sections exist. Bytes are never copied: a token is ranges of the page. Every byte is read a bounded
/// number of times. A tag, comment or doctype that the end of the page cuts off gives no token.
struct Tokenizer: ~Copyable {
  let bytes: UnsafePointer<UInt8>
  let end: Int
  var position = 0
  /// The tag read last.
  var tag = TagToken()
  /// The attributes of the tag read last, by `AttributeName`; those not in `present` are leftovers.
  let attributes: UnsafeMutablePointer<Range<Int>>
  var present: UInt32 = 0
  private let tagTable = Tag.known
  let attributeTable = AttributeName.table

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes.baseAddress ?? UnsafePointer(Tokenizer.nothing)
    end = bytes.count
    attributes = .allocate(capacity: AttributeName.allCases.count)
    attributes.initialize(repeating: 0..<0, count: AttributeName.allCases.count)
  }

  deinit { attributes.deallocate() }

  private nonisolated(unsafe) static let nothing = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)

  /// What a `<` in the data state begins.
  enum Opening {
    case startTag
    case endTag
    /// A comment, a doctype or a CDATA section; `position` is at the `!` or `?`.
    case markup
    /// Nothing that matters; `position` is behind it.
    case nothing
    /// Not markup: the `<` is text, and `position` is behind it.
    case text
    case endOfFile
  }

  /// Reads on from a `<` at `position` (tag open, end tag open and tag name states). The tag's attributes are not yet
  /// read, and an end tag's name has not been looked up.
  @inline(__always)
  mutating func open() -> Opening {
    let next = position &+ 1
    guard next < end else {
      position = next
      return .text
    }
    let byte = bytes[next]
    if Octet.isLetter(byte) {
      position = next
      guard readTagName() else { return .endOfFile }
      lookUpName()
      return .startTag
    }
    if byte == Octet.solidus { return openEndTag() }
    position = next
    return byte == Octet.exclamationMark || byte == Octet.questionMark ? .markup : .text
  }

  @inline(__always)
  private mutating func openEndTag() -> Opening {
    let next = position &+ 2
    guard next < end else {
      position = end
      return .text
    }
    position = next
    if Octet.isLetter(bytes[next]) { return readTagName() ? .endTag : .endOfFile }
    if bytes[next] == Octet.greaterThan {
      position = next &+ 1
    } else {
      skipBogusComment()
    }
    return .nothing
  }

  /// The tag name state; false when the page ends within the name.
  @inline(__always)
  private mutating func readTagName() -> Bool {
    let (key, index) = readName(position, ends: Octet.tagNameEnd)
    position = index
    tag.key = key
    tag.nameEnd = index
    tag.isSelfClosing = false
    return index < end
  }

  /// Whether at `position` stands `</`, the name with this key in lower case, and `>`. Only for names of up to seven bytes.
  @inline(__always)
  func isEndTag(key: UInt64) -> Bool {
    guard position &+ 10 <= end && bytes[position &+ 1] == Octet.solidus else { return false }
    let free = UInt64(key.leadingZeroBitCount & ~7)
    let expected = key | UInt64(Octet.greaterThan) &<< (64 &- free)
    return free > 0 && (Octet.load8(bytes + (position &+ 2)) ^ expected) &<< (free &- 8) == 0
  }

  /// Skips what `isEndTag` found.
  @inline(__always)
  mutating func skipEndTag(key: UInt64) { position &+= 11 &- key.leadingZeroBitCount / 8 }

  /// Finds out what the key of the tag read last stands for.
  @inline(__always)
  mutating func lookUpName() {
    if let known = tagTable[tag.key] {
      tag.name = known.name
      tag.traits = known.traits
    } else {
      tag.name = .unknown
      tag.traits = .inline
    }
  }

  /// The key of the name that begins at `start`, with whatever byte, and the place of what ends it: a byte of the set
  /// `ends`, or the end of the page.
  @inline(__always)
  func readName(_ start: Int, ends: UInt64) -> (key: UInt64, end: Int) {
    if start &+ 8 <= end {
      let word = Octet.load8(bytes + start)
      // Letters have the bit 0x40. What has not ends the name, or is a digit, a hyphen or the like.
      var others = ~word & 0x4040_4040_4040_4040
      while others != 0 {
        let place = UInt64(others.trailingZeroBitCount & ~7)
        let byte = UInt8(truncatingIfNeeded: word &>> place)
        if place > 0 && Octet.isOneOf(byte, ends) {
          return (Octet.lowercase8(word & ((1 &<< place) &- 1)), start &+ Int(place / 8))
        }
        if byte == 0 { break }
        others &= others &- 1
      }
    }
    return Tokenizer.readLongName(bytes, start, end, ends: ends)
  }

  /// Static, because a method that is called and not inlined may copy the tokenizer.
  private static func readLongName(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, ends: UInt64)
    -> (key: UInt64, end: Int)
  {
    var packer = NamePacker()
    var index = start
    repeat {
      // NUL stands for U+FFFD, so it must not vanish from the key.
      packer.add(bytes[index] == 0 ? 0xFF : bytes[index])
      index &+= 1
    } while index < end && !Octet.isOneOf(bytes[index], ends)
    return (packer.key, index)
  }

  /// The value of an attribute of the tag read last, as a range of the page; nil when the tag does not have it.
  @inline(__always)
  func attribute(_ name: AttributeName) -> Range<Int>? {
    present & (1 &<< UInt32(name.rawValue)) != 0 ? attributes[Int(name.rawValue)] : nil
  }

  @inline(__always)
  func slice(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count)
  }
}

/// A start or end tag: its name and whether it ends with `/>`.
struct TagToken {
  var name = Tag.unknown
  var traits: TagTraits = []
  /// The name's key, by which also unknown names are told apart.
  var key: UInt64 = 0
  /// The place behind the name.
  var nameEnd = 0
  var isSelfClosing = false
}
