/// Reads a robots.txt line by line and keeps what one crawler needs.
struct RobotsParser {
  private typealias Bytes = UnsafeBufferPointer<UInt8>

  /// What is kept for one kind of group.
  private struct Collected {
    var rules: [RobotsRule] = []
    var bytes: [UInt8] = []
    var crawlDelay: Int64?
  }

  private enum Key {
    case userAgent, allow, disallow, crawlDelay, sitemap
  }

  /// The group whose lines are being read.
  private enum Group {
    case none
    /// User-agent lines so far: the length of the longest token of ours (0: none), and whether one was `*`.
    case opening(token: Int, isGlobal: Bool)
    /// A rule was read: the next User-agent line begins another group.
    case ruled(token: Int, isGlobal: Bool)
  }

  private let tokens: [[UInt8]]
  private var group = Group.none
  /// Length of the longest product token of ours that a group named; 0: none did.
  private var longestToken = 0
  private var own = Collected()
  private var global = Collected()
  private var sitemaps: [String] = []

  init(productToken: String) {
    var tokens: [[UInt8]] = []
    for word in productToken.utf8.split(whereSeparator: { $0 <= 0x20 || "();,".utf8.contains($0) }) {
      let token = word.prefix(while: Self.isTokenByte).map(Self.lowercased)
      if !token.isEmpty { tokens.append(token) }
    }
    self.tokens = tokens
  }

  mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
    var end = min(bytes.count, RobotsRules.maximumBytes)
    if end < bytes.count {
      // The limit cuts a line, and half a rule is another rule.
      while end > 0, !Self.isLineEnd(bytes[end - 1]) { end -= 1 }
    }
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var line: UInt32 = 1
    while start < end {
      var stop = start
      while stop < end, !Self.isLineEnd(bytes[stop]) { stop += 1 }
      readLine(Bytes(rebasing: bytes[start..<stop]), line)
      let isPair = stop + 1 < end && bytes[stop] == 0x0D && bytes[stop + 1] == 0x0A
      start = stop + (isPair ? 2 : 1)
      line += 1
    }
  }

  func finish() -> RobotsRules {
    let chosen = longestToken > 0 ? own : global
    var bytes: [UInt8] = []
    bytes.reserveCapacity(chosen.bytes.count)
    let rules = chosen.rules.map { $0.moved(from: chosen.bytes, to: &bytes) }
    return RobotsRules(rules: rules, bytes: bytes, crawlDelay: chosen.crawlDelay, sitemaps: sitemaps)
  }

  private mutating func readLine(_ text: UnsafeBufferPointer<UInt8>, _ line: UInt32) {
    let content = Self.content(of: text)
    guard !content.isEmpty, let (name, value) = Self.split(content), let key = Self.key(name) else { return }
    switch key {
    case .userAgent: readUserAgent(value)
    case .allow: readRule(allows: true, value, line)
    case .disallow: readRule(allows: false, value, line)
    case .crawlDelay: readCrawlDelay(value)
    case .sitemap: if !value.isEmpty { sitemaps.append(String(decoding: value, as: UTF8.self)) }
    }
  }

  /// A line without its comment and the blanks around it.
  private static func content(of line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    trimmed(line.firstIndex(of: UInt8(ascii: "#")).map { Bytes(rebasing: line[..<$0]) } ?? line)
  }

  /// Whether the line is a rule that disallows something.
  static func forbids(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let (name, value) = split(content(of: line)), key(name) == .disallow else { return false }
    return !value.isEmpty
  }

  private mutating func readUserAgent(_ value: UnsafeBufferPointer<UInt8>) {
    var token = 0
    var isGlobal = false
    if case .opening(let earlier, let wasGlobal) = group { (token, isGlobal) = (earlier, wasGlobal) }
    if value.first == UInt8(ascii: "*"), value.count == 1 || !Self.isTokenByte(value[1]) {
      isGlobal = true
    } else {
      let name = value.prefix(while: Self.isTokenByte).map(Self.lowercased)
      if tokens.contains(name) { token = max(token, name.count) }
    }
    if token > longestToken {
      longestToken = token
      own = Collected()
    }
    group = .opening(token: token, isGlobal: isGlobal)
  }

  private mutating func readRule(allows: Bool, _ pattern: UnsafeBufferPointer<UInt8>, _ line: UInt32) {
    switch group {
    case .none: return
    case .opening(let token, let isGlobal), .ruled(let token, let isGlobal):
      group = .ruled(token: token, isGlobal: isGlobal)
      // An empty rule matches nothing, but it ends the list of user agents.
      guard !pattern.isEmpty else { return }
      collect(token, isGlobal) {
        $0.rules.append(RobotsRule(allows: allows, pattern: pattern, line: line, bytes: &$0.bytes))
      }
    }
  }

  private mutating func readCrawlDelay(_ value: UnsafeBufferPointer<UInt8>) {
    guard let delay = Self.microseconds(value) else { return }
    switch group {
    case .none: return
    case .opening(let token, let isGlobal), .ruled(let token, let isGlobal):
      collect(token, isGlobal) { $0.crawlDelay = max($0.crawlDelay ?? 0, delay) }
    }
  }

  private mutating func collect(_ token: Int, _ isGlobal: Bool, _ body: (inout Collected) -> Void) {
    if token > 0, token == longestToken { body(&own) }
    if isGlobal { body(&global) }
  }

  /// `name: value`; without a colon, two words.
  private static func split(_ line: UnsafeBufferPointer<UInt8>)
    -> (name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>)?
  {
    if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
      return (trimmed(Bytes(rebasing: line[..<colon])), trimmed(Bytes(rebasing: line[(colon + 1)...])))
    }
    guard let blank = line.firstIndex(where: { $0 <= 0x20 }) else { return nil }
    let value = trimmed(Bytes(rebasing: line[blank...]))
    guard !value.contains(where: { $0 <= 0x20 }) else { return nil }
    return (Bytes(rebasing: line[..<blank]), value)
  }

  private static func key(_ name: UnsafeBufferPointer<UInt8>) -> Key? {
    keys.first { $0.name.utf8CodeUnitCount == name.count && isEqual(name, $0.name) }?.key
  }

  /// Names in lower case, the common misspellings too.
  private static let keys: [(name: StaticString, key: Key)] = [
    ("disallow", .disallow), ("allow", .allow), ("user-agent", .userAgent), ("sitemap", .sitemap),
    ("crawl-delay", .crawlDelay), ("useragent", .userAgent), ("user agent", .userAgent), ("crawldelay", .crawlDelay),
    ("crawl delay", .crawlDelay), ("site-map", .sitemap), ("dissallow", .disallow), ("dissalow", .disallow),
    ("disalow", .disallow), ("diasllow", .disallow), ("disallaw", .disallow),
  ]

  /// Whether a name is this one of the same length, in any letter case.
  private static func isEqual(_ name: UnsafeBufferPointer<UInt8>, _ lowercase: StaticString) -> Bool {
    for index in name.indices where lowercased(name[index]) != lowercase.utf8Start[index] { return false }
    return true
  }

  /// The decimal number at the start of the value as microseconds, at most 10^9 seconds; nil when there is none.
  private static func microseconds(_ value: UnsafeBufferPointer<UInt8>) -> Int64? {
    var seconds: Int64 = 0
    var index = 0
    while index < value.count, let digit = digit(value[index]) {
      seconds = min(seconds * 10 + digit, 1_000_000_000)
      index += 1
    }
    let hasWhole = index > 0
    var fraction: Int64 = 0
    var scale: Int64 = 100_000
    guard index < value.count, value[index] == UInt8(ascii: ".") else { return hasWhole ? seconds * 1_000_000 : nil }
    index += 1
    guard hasWhole || (index < value.count && digit(value[index]) != nil) else { return nil }
    while index < value.count, let digit = digit(value[index]) {
      fraction += digit * scale
      scale /= 10
      index += 1
    }
    return min(seconds * 1_000_000 + fraction, 1_000_000_000_000_000)
  }

  private static func digit(_ byte: UInt8) -> Int64? {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int64(byte - UInt8(ascii: "0")) : nil
  }

  /// Without blanks and control characters at both ends.
  private static func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var start = 0
    var end = text.count
    while start < end, text[start] <= 0x20 { start += 1 }
    while end > start, text[end - 1] <= 0x20 { end -= 1 }
    return Bytes(rebasing: text[start..<end])
  }

  static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  /// The letters of a product token (RFC 9309, section 2.2.1), and digits: MJ12bot is not MJ.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }
}
