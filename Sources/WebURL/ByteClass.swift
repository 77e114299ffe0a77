/// What a byte means to the parser: the percent-encode sets and the forbidden host code points of the WHATWG URL
/// Standard as one table look-up. Every byte above 0x7E is in every percent-encode set.
struct ByteClass: OptionSet {
  let rawValue: UInt16

  init(rawValue: UInt16) { self.rawValue = rawValue }

  static let c0ControlEncoded = ByteClass(rawValue: 1 << 0)
  static let fragmentEncoded = ByteClass(rawValue: 1 << 1)
  static let queryEncoded = ByteClass(rawValue: 1 << 2)
  static let specialQueryEncoded = ByteClass(rawValue: 1 << 3)
  static let pathEncoded = ByteClass(rawValue: 1 << 4)
  static let userinfoEncoded = ByteClass(rawValue: 1 << 5)
  static let forbiddenInHost = ByteClass(rawValue: 1 << 6)
  static let forbiddenInDomain = ByteClass(rawValue: 1 << 7)
  /// `/ ? #`, which end a path segment.
  static let endsSegment = ByteClass(rawValue: 1 << 8)
  /// The same and the backslash, which special schemes take for a slash.
  static let endsSpecialSegment = ByteClass(rawValue: 1 << 9)
  /// ASCII letters, digits, and `+ - .`
  static let scheme = ByteClass(rawValue: 1 << 10)
  /// RFC 3986's unreserved characters.
  static let unreserved = ByteClass(rawValue: 1 << 11)
  static let alpha = ByteClass(rawValue: 1 << 12)
  static let digit = ByteClass(rawValue: 1 << 13)
  static let hexDigit = ByteClass(rawValue: 1 << 14)

  /// The classes of all 256 bytes; made once, and never freed.
  nonisolated(unsafe) static let table: UnsafePointer<ByteClass> = {
    let table = UnsafeMutablePointer<ByteClass>.allocate(capacity: 256)
    for byte in UInt8.min...UInt8.max { (table + Int(byte)).initialize(to: classes(of: byte)) }
    return UnsafePointer(table)
  }()

  private static func classes(of byte: UInt8) -> ByteClass {
    var classes: ByteClass = []
    func insert(_ member: ByteClass, _ characters: StaticString) {
      if characters.withUTF8Buffer({ $0.contains(byte) }) { classes.insert(member) }
    }
    switch byte {
    case 0x00...0x1F, 0x7F...0xFF:
      classes = [
        .c0ControlEncoded, .fragmentEncoded, .queryEncoded, .specialQueryEncoded, .pathEncoded, .userinfoEncoded,
      ]
    case UInt8(ascii: "0")...UInt8(ascii: "9"): classes = [.digit, .hexDigit, .scheme, .unreserved]
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
      classes = [.alpha, .scheme, .unreserved]
    default: break
    }
    insert(.hexDigit, "ABCDEFabcdef")
    insert(.scheme, "+-.")
    insert(.unreserved, "-._~")
    insert(.fragmentEncoded, " \"<>`")
    insert(.queryEncoded, " \"#<>")
    insert(.specialQueryEncoded, " \"#<>'")
    insert(.pathEncoded, " \"#<>?^`{}")
    insert(.userinfoEncoded, " \"#<>?^`{}/:;=@[\\]|")
    insert(.forbiddenInHost, "\0\t\n\r #/:<>?@[\\]^|")
    insert(.forbiddenInDomain, "\0\t\n\r #/:<>?@[\\]^|%\u{7F}")
    if byte <= 0x1F { classes.insert(.forbiddenInDomain) }
    insert(.endsSegment, "/?#")
    insert(.endsSpecialSegment, "/?#\\")
    return classes
  }
}

extension UInt8 {
  /// The class of this byte. A loop takes `ByteClass.table` once instead.
  @inline(__always)
  func isIn(_ byteClass: ByteClass) -> Bool { !ByteClass.table[Int(self)].isDisjoint(with: byteClass) }

  /// 0…15 for a hexadecimal digit in either case.
  @inline(__always)
  var hexValue: UInt8? {
    switch self {
    case 0x30...0x39: self - 0x30
    case 0x41...0x46: self - 0x37
    case 0x61...0x66: self - 0x57
    default: nil
    }
  }

  /// The upper-case hexadecimal digit of 0…15.
  @inline(__always)
  static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

  @inline(__always)
  var asciiLowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

  static let slash = UInt8(ascii: "/")
  static let backslash = UInt8(ascii: "\\")
  static let colon = UInt8(ascii: ":")
  static let dot = UInt8(ascii: ".")
  static let at = UInt8(ascii: "@")
  static let question = UInt8(ascii: "?")
  static let numberSign = UInt8(ascii: "#")
  static let percent = UInt8(ascii: "%")
  static let ampersand = UInt8(ascii: "&")
  static let equals = UInt8(ascii: "=")
}
