/// Percent-encoding compared normalised (RFC 9309, section 2.2.2): an octet counts the same whether it is written plainly
/// or percent-encoded, but for the delimiters: an encoded `/` or `?` is no delimiter. In a query they are data, and the
/// same in both spellings (the standard's example `?baz=https://foo.bar`).
///
/// The canonical form is the decoded octets, with three that no UTF-8 text contains for what must stay apart. A rule that
/// ends, or has a wildcard, within an escape (`/*%`, `/*%2*`) speaks of how a URL is written, and is compared with that.
struct RobotsPattern {
  static let wildcard = UInt8(ascii: "*")
  /// An asterisk of the URL, or `%2A` of the rule.
  private static let asterisk: UInt8 = 0xFD
  private static let encodedSlash: UInt8 = 0xFE
  private static let encodedQuestionMark: UInt8 = 0xFF

  /// Canonical octets in which `*` is the wildcard, never twice in a row.
  private(set) var bytes: [UInt8] = []
  /// Octets of the rule in the standard's encoding, wildcards and the final `$` included.
  private(set) var octets: UInt32 = 0
  /// The rule ends in `$`.
  private(set) var isAnchored = false
  /// What of a URL the rule is compared with.
  private(set) var form = Form.path

  enum Form {
    /// Octets; encoded delimiters are none, also in the query.
    case path
    /// The same, but for the query, where they are data: the rule has a `?`.
    case query
    /// The escapes, in upper case, of all that is not unreserved, plain ASCII as it is.
    case escapes
  }

  private static let digits = Array("0123456789ABCDEF".utf8)

  init(_ written: UnsafeBufferPointer<UInt8>) {
    var rest = written[...]
    if rest.last == UInt8(ascii: "$") {
      rest.removeLast()
      isAnchored = true
      octets += 1
    }
    let text = UnsafeBufferPointer(rebasing: rest)
    if Self.hasCutEscape(text) {
      form = .escapes
      bytes = [UInt8](unsafeUninitializedCapacity: text.count * 3) { $1 = Self.writeEscapes(text, to: $0) }
      octets += UInt32(bytes.count)
      return
    }
    bytes.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      let byte = text[index]
      switch byte {
      case Self.wildcard:
        octets += 1
        if bytes.last != Self.wildcard { bytes.append(Self.wildcard) }
      case UInt8(ascii: "%"):
        if let octet = Self.octet(text, at: index) {
          octets += Self.isUnreserved(octet) ? 1 : 3
          bytes.append(Self.canonical(octet, inQuery: form == .query))
          index += 2
        } else {
          octets += 1
          bytes.append(byte)
        }
      default:
        if byte == UInt8(ascii: "?") { form = .query }
        octets += byte < 0x80 ? 1 : 3
        bytes.append(byte)
      }
      index += 1
    }
  }

  /// Whether an escape is cut by the end or by a wildcard.
  private static func hasCutEscape(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    text.indices.contains { index in
      guard text[index] == UInt8(ascii: "%") else { return false }
      let rest = text[(index + 1)...].prefix(2).prefix { $0 != wildcard }
      return rest.count < 2 && rest.allSatisfy { digit($0) != nil }
    }
  }

  /// Writes the path and query of a URL, or of a rule, with escapes to `output`, which has room for three times as many
  /// bytes; returns how many were written.
  static func writeEscapes(
    _ text: UnsafeBufferPointer<UInt8>, to output: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    var count = 0
    var index = 0
    func put(_ byte: UInt8) {
      output[count] = byte
      count += 1
    }
    while index < text.count {
      let byte = text[index]
      let escaped = byte == UInt8(ascii: "%") ? octet(text, at: index) : nil
      let octet = escaped ?? byte
      if escaped != nil ? isUnreserved(octet) : octet < 0x80 {
        put(octet)
      } else {
        put(UInt8(ascii: "%"))
        put(digits[Int(octet >> 4)])
        put(digits[Int(octet & 15)])
      }
      index += escaped == nil ? 1 : 3
      // The half of one that is cut.
      if escaped == nil, byte == UInt8(ascii: "%"), index < text.count, let half = digit(text[index]) {
        put(digits[Int(half)])
        index += 1
      }
    }
    return count
  }

  /// How many octets at the end of a pattern that was cut short may mean something else with what is missing.
  static func uncertainEnd(of cut: UnsafeBufferPointer<UInt8>) -> Int {
    let end = cut.suffix(2)
    if end.last == UInt8(ascii: "%") || end.last == UInt8(ascii: "$") { return 1 }
    return end.first == UInt8(ascii: "%") && end.last.flatMap(digit) != nil ? 2 : 0
  }

  /// Writes the canonical form of a URL's path and query to `output`, which has room for as many bytes; returns how
  /// many were written, and whether the query holds an encoded delimiter, so that the two forms differ.
  static func writeTarget(
    _ text: UnsafeBufferPointer<UInt8>, asQuery: Bool, to output: UnsafeMutableBufferPointer<UInt8>
  )
    -> (count: Int, formsDiffer: Bool)
  {
    var count = 0
    var index = 0
    var isQuery = false
    var formsDiffer = false
    while index < text.count {
      var byte = text[index]
      switch byte {
      case wildcard:
        byte = asterisk
      case UInt8(ascii: "?"):
        isQuery = true
      case UInt8(ascii: "%"):
        guard let octet = octet(text, at: index) else { break }
        if isQuery, octet == UInt8(ascii: "/") || octet == UInt8(ascii: "?") { formsDiffer = true }
        byte = canonical(octet, inQuery: isQuery && asQuery)
        index += 2
      default:
        break
      }
      output[count] = byte
      count += 1
      index += 1
    }
    return (count, formsDiffer)
  }

  private static func canonical(_ octet: UInt8, inQuery: Bool) -> UInt8 {
    switch octet {
    case wildcard: asterisk
    case UInt8(ascii: "/") where !inQuery: encodedSlash
    case UInt8(ascii: "?") where !inQuery: encodedQuestionMark
    default: octet
    }
  }

  /// The octet that the three bytes at `index` encode; nil when two hexadecimal digits do not follow the `%`.
  private static func octet(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt8? {
    guard index + 2 < text.count, let high = digit(text[index + 1]), let low = digit(text[index + 2]) else {
      return nil
    }
    return high << 4 | low
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// RFC 3986, section 2.3.
  private static func isUnreserved(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
    case UInt8(ascii: "~"): true
    default: false
    }
  }
}

/// A URL's path and query in the forms that rules are compared with.
struct RobotsTarget {
  private let path: UnsafeBufferPointer<UInt8>
  private let query: UnsafeBufferPointer<UInt8>
  /// Empty unless it was asked for.
  private var escapes = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

  private init(path: UnsafeBufferPointer<UInt8>, query: UnsafeBufferPointer<UInt8>) {
    self.path = path
    self.query = query
  }

  subscript(form: RobotsPattern.Form) -> UnsafeBufferPointer<UInt8> {
    switch form {
    case .path: path
    case .query: query
    case .escapes: escapes
    }
  }

  /// `withEscapes`: a rule is to be compared with the escapes.
  static func withTarget<R>(
    _ text: UnsafeBufferPointer<UInt8>, withEscapes: Bool, _ body: (RobotsTarget) -> R
  ) -> R {
    withTarget(text) { target in
      guard withEscapes else { return body(target) }
      return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, text.count * 3)) { output in
        var target = target
        let count = RobotsPattern.writeEscapes(text, to: output)
        target.escapes = UnsafeBufferPointer(rebasing: output[..<count])
        return body(target)
      }
    }
  }

  private static func withTarget<R>(_ text: UnsafeBufferPointer<UInt8>, _ body: (RobotsTarget) -> R) -> R {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, text.count)) { first in
      let (count, formsDiffer) = RobotsPattern.writeTarget(text, asQuery: false, to: first)
      let path = UnsafeBufferPointer(rebasing: first[..<count])
      guard formsDiffer else { return body(RobotsTarget(path: path, query: path)) }
      return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: text.count) { second in
        let count = RobotsPattern.writeTarget(text, asQuery: true, to: second).count
        return body(RobotsTarget(path: path, query: UnsafeBufferPointer(rebasing: second[..<count])))
      }
    }
  }
}
