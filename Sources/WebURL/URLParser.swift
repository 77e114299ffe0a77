/// The basic URL parser of the WHATWG URL Standard, without state override. The standard tells it as a state machine
/// over code points; here each function is a run of its states over bytes, and says which.
///
/// The output is written once, from left to right. A `..` takes back what was written, so every byte of the input is
/// written and taken back at most once.
struct URLParser: ~Copyable {
  /// Trimmed, without tabs and newlines, valid UTF-8.
  let input: UnsafeBufferPointer<UInt8>
  /// The base's components and serialisation.
  let base: Components?
  let baseHref: UnsafeBufferPointer<UInt8>
  let keepFragment: Bool
  /// Nil for UTF-8.
  let queryEncoder: QueryEncoder?
  var output: HrefBuffer
  var components = Components()

  static let longest = Int(Int32.max)

  static func parse(
    _ input: UnsafeBufferPointer<UInt8>, base: WebURL?, keepFragment: Bool, queryEncoder: QueryEncoder?
  ) throws(WebURLError) -> WebURL {
    guard input.count <= longest else { throw .tooLong }
    let trimmed = trim(input)
    guard needsCleaning(trimmed) else {
      // Printable ASCII is the same in every encoding.
      return try parse(clean: trimmed, base: base, keepFragment: keepFragment, queryEncoder: nil)
    }
    // Decoded before tabs and newlines go: the halves of a character that one parts do not become a character.
    var text = String(decoding: trimmed, as: UTF8.self)
    if text.utf8.contains(where: isTabOrNewline) {
      text = String(decoding: text.utf8.lazy.filter { !isTabOrNewline($0) }, as: UTF8.self)
    }
    return try text.utf8.span.withUnsafeBufferPointer { (clean) throws(WebURLError) in
      try parse(clean: clean, base: base, keepFragment: keepFragment, queryEncoder: queryEncoder)
    }
  }

  /// Whether there may be tabs or newlines to remove, or there are bytes above 0x7F to read as UTF-8.
  private static func needsCleaning(_ input: UnsafeBufferPointer<UInt8>) -> Bool {
    var highest: UInt8 = 0
    for byte in input { highest = max(highest, byte &- 0x20) }
    return highest >= 0x60
  }

  private static func isTabOrNewline(_ byte: UInt8) -> Bool { byte == 0x09 || byte == 0x0A || byte == 0x0D }

  /// Without leading and trailing C0 control or space.
  private static func trim(_ input: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var start = 0
    var end = input.count
    while start < end, input[start] <= 0x20 { start += 1 }
    while end > start, input[end - 1] <= 0x20 { end -= 1 }
    return UnsafeBufferPointer(rebasing: input[start..<end])
  }

  private static func parse(
    clean input: UnsafeBufferPointer<UInt8>, base: WebURL?, keepFragment: Bool, queryEncoder: QueryEncoder?
  ) throws(WebURLError) -> WebURL {
    // Bytes that are not UTF-8 have become three each.
    guard input.count <= longest else { throw .tooLong }
    return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1024) { (room) throws(WebURLError) in
      guard let base else {
        return try run(input, nil, UnsafeBufferPointer(start: nil, count: 0), keepFragment, queryEncoder, room)
      }
      return try base.href.utf8.span.withUnsafeBufferPointer { (bytes) throws(WebURLError) in
        try run(input, base.components, bytes, keepFragment, queryEncoder, room)
      }
    }
  }

  private static func run(
    _ input: UnsafeBufferPointer<UInt8>, _ base: Components?, _ baseHref: UnsafeBufferPointer<UInt8>,
    _ keepFragment: Bool, _ queryEncoder: QueryEncoder?, _ room: UnsafeMutableBufferPointer<UInt8>
  ) throws(WebURLError) -> WebURL {
    var parser = URLParser(
      input: input, base: base, baseHref: baseHref, keepFragment: keepFragment, queryEncoder: queryEncoder,
      output: HrefBuffer(borrowing: room))
    try parser.parse()
    guard parser.output.count <= longest else { throw .tooLong }
    return WebURL(href: parser.output.string(), components: parser.components)
  }

  /// The byte at `position`; nil behind the end.
  @inline(__always)
  func byte(_ position: Int) -> UInt8? { position < input.count ? input[position] : nil }

  /// The output's length as an offset; a length beyond 32 bits is refused before anybody sees it.
  @inline(__always)
  var offset: UInt32 { UInt32(truncatingIfNeeded: output.count) }

  var isSpecial: Bool { components.scheme.isSpecial }

  /// Whether the byte at `position` is a slash, or a backslash where that means the same.
  @inline(__always)
  func isSlash(_ position: Int) -> Bool {
    guard position < input.count else { return false }
    return input[position] == .slash || (input[position] == .backslash && isSpecial)
  }

  // MARK: - Scheme start, scheme, and no scheme states

  private mutating func parse() throws(WebURLError) {
    guard let schemeEnd = schemeEnd() else { return try parseWithoutScheme() }
    output.reserve(schemeEnd + 3)
    for position in 0..<schemeEnd { output.append(input[position].asciiLowercased) }
    components.scheme = Scheme(UnsafeBufferPointer(start: output.bytes, count: schemeEnd))
    components.schemeEnd = offset
    output.append(.colon)
    let rest = schemeEnd + 1

    switch components.scheme {
    case .file:
      try parseFile(rest)
    case .other:
      guard byte(rest) == .slash else { return parseOpaquePath(rest) }
      if byte(rest + 1) == .slash { return try parseAuthority(rest + 2) }
      endWithoutAuthority()
      parsePathAndRest(rest + 1)
    case .http, .https, .ws, .wss, .ftp:
      if let base, base.scheme == components.scheme, !(byte(rest) == .slash && byte(rest + 1) == .slash) {
        return try parseRelative(rest, base)
      }
      try parseAuthorityAfterSlashes(rest)
    }
  }

  /// Where the colon of a leading scheme stands.
  private func schemeEnd() -> Int? {
    let table = ByteClass.table
    guard let first = input.first, table[Int(first)].contains(.alpha) else { return nil }
    var position = 1
    while position < input.count, table[Int(input[position])].contains(.scheme) { position += 1 }
    return byte(position) == .colon ? position : nil
  }

  private mutating func parseWithoutScheme() throws(WebURLError) {
    guard let base else { throw .relativeWithoutBase }
    if base.hasOpaquePath {
      guard byte(0) == .numberSign else { throw .relativeWithoutBase }
      copyBase(base, upTo: base.fragmentStart)
      return parseFragment(0)
    }
    components.scheme = base.scheme
    components.schemeEnd = base.schemeEnd
    if base.scheme == .file {
      copy(base, 0, base.schemeEnd + 1)
      try parseFile(0)
    } else {
      try parseRelative(0, base)
    }
  }

  // MARK: - Relative and relative slash states

  /// The base is not a file URL and its scheme is this URL's.
  private mutating func parseRelative(_ start: Int, _ base: Components) throws(WebURLError) {
    if isSlash(start) {
      if isSlash(start + 1) {
        output.count = 0
        copy(base, 0, base.schemeEnd + 1)
        return isSpecial ? try parseAuthorityAfterSlashes(start + 2) : try parseAuthority(start + 2)
      }
      copyBase(base, upTo: base.authorityEnd)
      components.pathStart = offset
      return parsePathAndRest(start + 1)
    }
    switch byte(start) {
    case nil:
      copyBase(base, upTo: base.fragmentStart)
    case .question?:
      copyBase(base, upTo: base.queryStart)
      parseQuery(start)
    case .numberSign?:
      copyBase(base, upTo: base.fragmentStart)
      parseFragment(start)
    default:
      copyBase(base, upTo: base.authorityEnd)
      components.pathStart = offset
      copy(base, base.pathStart, base.queryStart)
      shortenPath()
      parsePathAndRest(start)
    }
  }

  /// Starts the output over with the base's components up to `end`, one of the base's own offsets.
  private mutating func copyBase(_ base: Components, upTo end: UInt32) {
    output.count = 0
    copy(base, 0, end)
    components = base
    components.fragmentStart = min(base.fragmentStart, end)
    components.queryStart = min(base.queryStart, end)
    components.end = end
  }

  mutating func copy(_ base: Components, _ start: UInt32, _ end: UInt32) {
    guard let bytes = baseHref.baseAddress, start < end else { return }
    output.append(bytes + Int(start), count: Int(end - start))
  }
}
