import WebURL

/// Gathers from elements and text what a `Page` tells, links apart (those are in `LinkList`).
struct PageFacts: ~Copyable {
  var links: LinkList
  var decoder: TextDecoder
  private var meter: TextMeter
  var anchor: TextCapture
  var anchorLink = 0
  private var heading: TextCapture
  private var hasHeading = false
  /// The visible text; open only when somebody asked for it.
  private var visibleText: TextCapture
  /// The readings of ruby so far in the line, UTF-8.
  private var readings: [UInt8] = []
  let titleBytes: Int
  let productToken: [UInt8]
  private(set) var title: String?
  private(set) var hasTitle = false
  private(set) var h1: String?
  /// All of it, when somebody asked.
  private(set) var text: String?
  var description: String?
  var language: String?
  /// The page says what its language is, or that it is not known.
  var hasLanguage = false
  var contentLanguage: String?
  /// Whether the text is read in an encoding that a `meta` element may change.
  let seeksEncoding: Bool
  /// The one that the first `meta` element that names any declares.
  var declaredEncoding: String?
  var robots = MetaRobots()
  var openGraph = OpenGraph()
  /// The place of the first refresh and of the first canonical link in the list.
  var refreshLink: Int?
  var canonicalLink: Int?

  /// `productToken` is the crawler's name in `meta` elements; an empty one names nobody.
  init(
    url: WebURL, isWindows1252: Bool, isXML: Bool, seeksEncoding: Bool, queryEncoder: QueryEncoder?,
    productToken: String, limits: ParseLimits
  ) {
    self.seeksEncoding = seeksEncoding
    links = LinkList(documentURL: url, queryEncoder: queryEncoder, limits: limits)
    decoder = TextDecoder(isWindows1252: isWindows1252, isXML: isXML)
    meter = TextMeter(isWindows1252: isWindows1252)
    anchor = TextCapture(limit: limits.anchorBytes)
    heading = TextCapture(limit: limits.titleBytes)
    visibleText = TextCapture(limit: limits.textBytes, collapsesAll: true)
    titleBytes = limits.titleBytes
    self.productToken = productToken.utf8.map(Octet.lowercase)
    if limits.textBytes > 0 { visibleText.open() }
  }

  var wordCount: Int { meter.words }
  var textHash: UInt64? { meter.finish() }

  // MARK: - Text

  /// Takes the visible text of an HTML element from `start` to the next `<` or `end`, whose place it returns.
  @inline(__always)
  mutating func textRun(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    let next = meter.addRun(bytes, start, end)
    if isCapturing && next > start { capture(bytes, start, next, dropsNUL: true) }
    return next
  }

  /// Takes visible text in which `<` is only a character, and so is `&` in text without references. NUL is none in the
  /// content of HTML's elements, and U+FFFD elsewhere.
  mutating func text(
    _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, hasReferences: Bool = true, dropsNUL: Bool = false
  ) {
    meter.dropsNUL = dropsNUL
    defer { meter.dropsNUL = true }
    var index = start
    while index < end {
      let isAmpersand = bytes[index] == Octet.ampersand && !hasReferences
      let next = isAmpersand ? index + 1 : hasReferences ? end : Octet.find(Octet.ampersand, bytes, index, end)
      measure(bytes, index, next, isLiteral: isAmpersand)
      if isCapturing { capture(bytes, index, next, dropsNUL: dropsNUL) }
      index = next
    }
  }

  /// Takes text that is not shown but names what it belongs to.
  mutating func label(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) {
    guard anchor.isOpen else { return }
    anchor.add(decoder.decode(bytes, start, end, inAttribute: false, dropsNUL: !decoder.isXML))
  }

  /// Bytes of readings that wait for the end of their line.
  private static let readingBytes = 1 << 16

  /// Takes text that stands above the line (ruby). It follows the line, so that it parts no word there, and is no part of
  /// headings and links.
  mutating func reading(
    _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, hasReferences: Bool, dropsNUL: Bool = false
  ) {
    var index = start
    while index < end {
      let isAmpersand = bytes[index] == Octet.ampersand && !hasReferences
      let next = isAmpersand ? index + 1 : hasReferences ? end : Octet.find(Octet.ampersand, bytes, index, end)
      let text = Octet.trimmed(decoder.decode(bytes, index, next, inAttribute: false, dropsNUL: dropsNUL))
      if let first = text.first {
        // Those of single letters make up one word: Han letters have kana.
        if let last = readings.last, last < 0x80 || first < 0xE0 { readings.append(Octet.space) }
        readings.append(contentsOf: text)
      }
      index = next
    }
    if readings.count > PageFacts.readingBytes { breakWord() }
  }

  @inline(never)
  private mutating func addReadings() {
    let text = readings
    readings.removeAll(keepingCapacity: true)
    breakWord()
    for byte in text { meter.addCharacter(byte) }
    if visibleText.isOpen { text.withUnsafeBufferPointer { visibleText.add($0) } }
  }

  private mutating func measure(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, isLiteral: Bool) {
    var index = start
    while index < end {
      if isLiteral || bytes[index] == Octet.lessThan {
        meter.addCharacter(bytes[index])
        index += 1
      } else {
        index = meter.addRun(bytes, index, end)
      }
    }
  }

  @inline(__always)
  private var isCapturing: Bool { anchor.isOpen || heading.isOpen || visibleText.isOpen }

  private mutating func capture(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, dropsNUL: Bool) {
    let text = decoder.decode(bytes, start, end, inAttribute: false, dropsNUL: dropsNUL)
    if anchor.isOpen { anchor.add(text) }
    if heading.isOpen { heading.add(text) }
    if visibleText.isOpen { visibleText.add(text) }
  }

  @inline(__always)
  mutating func breakWord() {
    if !readings.isEmpty { addReadings() }
    meter.breakWord()
    if anchor.isOpen { anchor.breakWord() }
    if heading.isOpen { heading.breakWord() }
    if visibleText.isOpen { visibleText.breakWord() }
  }

  mutating func title(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, isInTemplate: Bool) {
    guard !hasTitle && !isInTemplate else { return }
    setTitle(collapsed(bytes, range, inAttribute: false))
  }

  mutating func setTitle(_ text: String?) {
    hasTitle = true
    title = text
  }

  /// False when this is not the first heading of the page.
  mutating func startHeading(isInTemplate: Bool) -> Bool {
    guard !hasHeading && !isInTemplate else { return false }
    hasHeading = true
    heading.open()
    return true
  }

  mutating func endHeading() {
    if heading.isOpen { h1 = heading.close() }
  }

  @inline(__always)
  mutating func endAnchor() {
    if anchor.isOpen { links.setAnchor(anchor.close(), of: anchorLink) }
  }

  mutating func endOfPage() {
    endAnchor()
    endHeading()
    breakWord()
    if visibleText.isOpen { text = visibleText.close() ?? "" }
  }

  /// Takes back the links from `count` on: their elements were dropped.
  mutating func dropLinks(to count: Int) {
    if anchor.isOpen { _ = anchor.close() }
    links.drop(to: count)
    if let place = refreshLink, place >= count { refreshLink = nil }
    if let place = canonicalLink, place >= count { canonicalLink = nil }
  }

  /// The text of a range, white space collapsed, up to the length of a title; nil when there is none.
  mutating func collapsed(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, inAttribute: Bool) -> String? {
    var capture = TextCapture(limit: titleBytes)
    capture.open()
    let end = min(range.upperBound, range.lowerBound + titleBytes * 16)
    capture.add(decoder.decode(bytes, range.lowerBound, end, inAttribute: inAttribute))
    return capture.close()
  }
}
