/// The rules of one robots.txt for one crawler (RFC 9309): its own groups merged, else the groups of `*`.
///
/// Where the standard leaves a choice: the longest rule wins and allow wins a tie; a group is found by whole product
/// tokens; unknown lines and Crawl-delay do not end a group; rules before the first group are ignored; a colon that was
/// forgotten (`disallow /x`) and the common misspellings are understood. Memory: about 28 bytes a rule and its text.
package final class RobotsRules: Sendable {
  /// Bytes that are read; what follows is ignored, with the line that it cuts.
  package static let maximumBytes = 500 * 1_024
  /// Bytes that are compared to find the segments of rules with wildcards in one URL, about two milliseconds. A
  /// robots.txt that needs more is made to be slow: the URL is as forbidden.
  package static let maximumWork = 1_000_000
  /// What a rule costs besides, in the same measure: most differ from a URL in their first bytes.
  private static let workPerRule = 4
  /// A robots.txt that is not there (4xx).
  package static let allowAll = RobotsRules(rules: [], bytes: [], crawlDelay: nil, sitemaps: [])
  /// A robots.txt that could not be read (RFC 9309, section 2.3.1.4).
  package static let disallowAll = parse(Array("User-agent: *\nDisallow: /".utf8), productToken: "*")

  /// Crawl-delay in microseconds, the largest of those that apply; nil when there is none. At most 10^9 seconds: the
  /// host's clock clamps it further.
  package let crawlDelay: Int64?
  /// The values of Sitemap lines in order, as written: absolute or relative URLs.
  package let sitemaps: [String]
  /// What it takes in memory, about.
  package let byteCount: Int

  /// Most specific first; allow before disallow.
  private let rules: [RobotsRule]
  private let bytes: [UInt8]
  /// Some rule is compared with a URL's escapes.
  private let needsEscapes: Bool

  init(rules: [RobotsRule], bytes: [UInt8], crawlDelay: Int64?, sitemaps: [String]) {
    self.crawlDelay = crawlDelay
    self.sitemaps = sitemaps
    self.rules = rules.sorted { ($0.octets, $0.allows ? 1 : 0, $1.line) > ($1.octets, $1.allows ? 1 : 0, $0.line) }
    self.bytes = bytes
    needsEscapes = rules.contains { $0.form == .escapes }
    // A string takes its place in the array, and the head of its storage.
    let sitemapBytes = sitemaps.reduce(0) { $0 + 64 + $1.utf8.count }
    byteCount = rules.count * MemoryLayout<RobotsRule>.stride + bytes.count + sitemapBytes
  }

  /// Reads a robots.txt for the crawler that is called `productToken` (a whole User-Agent value will do: then the
  /// longest of its product tokens that a group names). Never fails: what is no rule is ignored. Linear.
  package static func parse(_ bytes: UnsafeBufferPointer<UInt8>, productToken: String) -> RobotsRules {
    var parser = RobotsParser(productToken: productToken)
    parser.read(bytes)
    return parser.finish()
  }

  package static func parse(_ bytes: [UInt8], productToken: String) -> RobotsRules {
    bytes.withUnsafeBufferPointer { parse($0, productToken: productToken) }
  }

  /// What can be relied on of a file that its server has cut short: its whole lines, and a last line that forbids something,
  /// since as far as it goes it forbids more: up to an escape that is not complete, and to a `$` of which nobody knows
  /// whether it is the rule's end. O(n).
  package static func reliablePart(ofCut bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBufferPointer { bytes in
      let start = (bytes.lastIndex(where: RobotsParser.isLineEnd) ?? -1) + 1
      let last = UnsafeBufferPointer(rebasing: bytes[start...])
      let certain = UnsafeBufferPointer(rebasing: last[..<(last.count - RobotsPattern.uncertainEnd(of: last))])
      return Array(RobotsParser.forbids(certain) ? bytes[..<(start + certain.count)] : bytes[..<start])
    }
  }

  package var ruleCount: Int { rules.count }

  /// Whether the URL with this path and query may be fetched. Linear in its length for each rule, up to `maximumWork`.
  package func allows(_ pathAndQuery: String) -> Bool {
    pathAndQuery.utf8.span.withUnsafeBufferPointer(allows)
  }

  /// As above, of the bytes.
  package func allows(_ pathAndQuery: UnsafeBufferPointer<UInt8>) -> Bool {
    var work = 0
    return allows(pathAndQuery, work: &work)
  }

  /// As above. Adds to `work` what it has cost, in bytes compared, each about two nanoseconds.
  package func allows(_ pathAndQuery: UnsafeBufferPointer<UInt8>, work: inout Int) -> Bool {
    guard !rules.isEmpty else { return true }
    return switch decision(pathAndQuery, &work) {
    case .rule(let rule): rule.allows
    case .noRule: true
    case .tooComplex: false
    }
  }

  /// As `allows`, with the rule that decided it.
  package func verdict(_ pathAndQuery: String) -> RobotsVerdict {
    var work = 0
    switch pathAndQuery.utf8.span.withUnsafeBufferPointer({ decision($0, &work) }) {
    case .noRule:
      return RobotsVerdict(allowed: true, rule: nil, line: nil)
    case .tooComplex:
      return RobotsVerdict(allowed: false, rule: "more wildcards than can be compared", line: nil)
    case .rule(let rule):
      let text = (rule.allows ? "Allow: " : "Disallow: ") + String(decoding: bytes[rule.written], as: UTF8.self)
      return RobotsVerdict(allowed: rule.allows, rule: text, line: Int(rule.line))
    }
  }

  private enum Decision {
    case rule(RobotsRule)
    case noRule
    case tooComplex
  }

  private func decision(_ pathAndQuery: UnsafeBufferPointer<UInt8>, _ work: inout Int) -> Decision {
    // RFC 9309, section 2.2.2: "The /robots.txt URI is implicitly allowed."
    let own = "/robots.txt".utf8
    if pathAndQuery.count == own.count, pathAndQuery.elementsEqual(own) { return .noRule }
    return bytes.withUnsafeBufferPointer { bytes in
      rules.withUnsafeBufferPointer { rules in
        RobotsTarget.withTarget(pathAndQuery, withEscapes: needsEscapes) { Self.decision($0, rules, bytes, &work) }
      }
    }
  }

  private static func decision(
    _ target: RobotsTarget, _ rules: UnsafeBufferPointer<RobotsRule>, _ bytes: UnsafeBufferPointer<UInt8>,
    _ work: inout Int
  ) -> Decision {
    var searched = 0
    var compared = 0
    defer { work += searched + compared * workPerRule }
    for rule in rules {
      compared += 1
      if rule.matches(target, bytes, work: &searched) { return .rule(rule) }
      if searched > maximumWork { return .tooComplex }
    }
    return .noRule
  }
}
