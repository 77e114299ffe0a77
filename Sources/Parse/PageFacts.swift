import WebURL

/// Gathers from elements and text what a `Page` tells, links apart (those are in `LinkList`).
struct PageFacts: ~Copyable {
  var links: LinkList
  var decoder: TextDecoder
  private var meter = TextMeter()
  private var anchor: TextCapture
  private var anchorLink = 0
  private var heading: TextCapture
  private var hasHeading = false
  private let titleBytes: Int
  private(set) var title: String?
  private var hasTitle = false
  private(set) var h1: String?
  private(set) var description: String?
  private(set) var language: String?
  private(set) var contentLanguage: String?
  private(set) var robots = MetaRobots()
  /// The place of the first refresh and of the first canonical link in the list.
  private(set) var refreshLink: Int?
  private(set) var canonicalLink: Int?

  init(url: WebURL, isWindows1252: Bool, limits: ParseLimits) {
    links = LinkList(documentURL: url, limits: limits)
    decoder = TextDecoder(isWindows1252: isWindows1252)
    anchor = TextCapture(limit: limits.anchorBytes)
    heading = TextCapture(limit: limits.titleBytes)
    titleBytes = limits.titleBytes
  }

  var wordCount: Int { meter.words }
  var textHash: UInt64? { meter.finish() }

  // MARK: - Text

  /// Takes the visible text from `start` to the next `<` or `end`, whose place it returns.
  @inline(__always)
  mutating func textRun(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    let next = meter.addRun(bytes, start, end)
    if (anchor.isOpen || heading.isOpen) && next > start { capture(bytes, start, next) }
    return next
  }

  /// Takes visible text in which `<` is only a character.
  mutating func text(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) {
    var index = start
    while index < end {
      // The meter leaves out the character itself.
      if bytes[index] == Octet.lessThan { index += 1 } else { index = meter.addRun(bytes, index, end) }
    }
    if anchor.isOpen || heading.isOpen { capture(bytes, start, end) }
  }

  private mutating func capture(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) {
    let text = decoder.decode(bytes, start, end, inAttribute: false)
    if anchor.isOpen { anchor.add(text) }
    if heading.isOpen { heading.add(text) }
  }

  @inline(__always)
  mutating func breakWord() {
    meter.breakWord()
    if anchor.isOpen { anchor.breakWord() }
    if heading.isOpen { heading.breakWord() }
  }

  mutating func title(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, isInTemplate: Bool) {
    guard !hasTitle && !isInTemplate else { return }
    hasTitle = true
    title = collapsed(bytes, range, inAttribute: false)
  }

  mutating func startHeading(isInTemplate: Bool) {
    guard !hasHeading && !isInTemplate else { return }
    hasHeading = true
    heading.open()
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
  }

  /// Takes back the links from `count` on: their elements were dropped.
  mutating func dropLinks(to count: Int) {
    if anchor.isOpen { _ = anchor.close() }
    links.drop(to: count)
    if let place = refreshLink, place >= count { refreshLink = nil }
    if let place = canonicalLink, place >= count { canonicalLink = nil }
  }

  // MARK: - Elements

  /// Takes what the element, whose start tag `tokenizer` read last, says. Links in a template count; facts do not.
  mutating func element(_ name: Tag, _ tokenizer: borrowing Tokenizer, isInTemplate: Bool) {
    switch name {
    case .a:
      guard let place = link(.a, name, .href, tokenizer, rel: true) else { return }
      anchor.open()
      anchorLink = place
    case .area:
      guard let place = link(.area, name, .href, tokenizer, rel: true), let alt = tokenizer.attribute(.alt) else {
        return
      }
      anchor.open()
      anchor.add(decoder.decode(tokenizer.bytes, alt.lowerBound, alt.upperBound, inAttribute: true))
      links.setAnchor(anchor.close(), of: place)
    case .img:
      link(.img, name, .src, tokenizer)
      candidates(.img, name, .srcset, tokenizer)
      if anchor.isOpen, let alt = tokenizer.attribute(.alt) {
        anchor.breakWord()
        anchor.add(decoder.decode(tokenizer.bytes, alt.lowerBound, alt.upperBound, inAttribute: true))
        anchor.breakWord()
      }
    case .link: linkElement(tokenizer, isInTemplate: isInTemplate)
    case .script: link(.script, name, .src, tokenizer)
    case .meta: meta(tokenizer, isInTemplate: isInTemplate)
    case .base:
      guard let place = link(.base, name, .href, tokenizer) else { return }
      if !isInTemplate { links.setBase(place) }
    case .html:
      if language == nil, let lang = tokenizer.attribute(.lang) {
        language = collapsed(tokenizer.bytes, lang, inAttribute: true)
      }
    case .iframe: link(.iframe, name, .src, tokenizer)
    case .frame: link(.frame, name, .src, tokenizer)
    case .form: link(.form, name, .action, tokenizer)
    case .source:
      link(.source, name, .src, tokenizer)
      candidates(.source, name, .srcset, tokenizer)
    case .video:
      link(.video, name, .src, tokenizer)
      link(.img, name, .poster, tokenizer)
    case .audio: link(.audio, name, .src, tokenizer)
    case .track: link(.track, name, .src, tokenizer)
    case .embed: link(.embed, name, .src, tokenizer)
    case .object: link(.object, name, .data, tokenizer)
    case .input:
      if tokenizer.attribute(.type, equals: "image") { link(.input, name, .src, tokenizer) }
    default: break
    }
  }

  private mutating func linkElement(_ tokenizer: borrowing Tokenizer, isInTemplate: Bool) {
    let kind = tokenizer.attribute(.rel).map { Relation.kind(tokenizer.slice($0)) } ?? .link
    let place = link(kind, .link, .href, tokenizer, rel: true)
    if kind == .canonical && canonicalLink == nil && !isInTemplate { canonicalLink = place }
    candidates(kind, .link, .imagesrcset, tokenizer)
  }

  private mutating func meta(_ tokenizer: borrowing Tokenizer, isInTemplate: Bool) {
    guard !isInTemplate, let content = tokenizer.attribute(.content) else { return }
    if tokenizer.attribute(.name, equals: "robots") {
      let text = decoder.decode(tokenizer.bytes, content.lowerBound, content.upperBound, inAttribute: true)
      robots.add(String(decoding: text.prefix(titleBytes), as: UTF8.self), upTo: titleBytes)
    } else if tokenizer.attribute(.name, equals: "description") {
      if description == nil { description = collapsed(tokenizer.bytes, content, inAttribute: true) }
    } else if tokenizer.attribute(.httpEquiv, equals: "refresh") {
      let text = decoder.decode(tokenizer.bytes, content.lowerBound, content.upperBound, inAttribute: true)
      guard let refresh = Refresh(String(decoding: text, as: UTF8.self)), var url = refresh.url else { return }
      let place = url.withUTF8 { links.add(.metaRefresh, .meta, .content, $0, rel: nil) }
      if refreshLink == nil { refreshLink = place }
    } else if tokenizer.attribute(.httpEquiv, equals: "content-language") {
      if contentLanguage == nil { contentLanguage = collapsed(tokenizer.bytes, content, inAttribute: true) }
    }
  }

  // MARK: - Links

  /// Adds the link in an attribute; nil when there is none, or the list is full.
  @inline(__always)
  @discardableResult
  private mutating func link(
    _ kind: LinkKind, _ tag: Tag, _ attribute: AttributeName, _ tokenizer: borrowing Tokenizer, rel hasRel: Bool = false
  ) -> Int? {
    guard let range = tokenizer.attribute(attribute) else { return nil }
    // An empty src, data, poster or action loads nothing new; an empty href is a link to the page itself.
    guard attribute == .href || !range.isEmpty else { return nil }
    var rel: String?
    if hasRel, let range = tokenizer.attribute(.rel) {
      rel = String(
        decoding: decoder.decode(tokenizer.bytes, range.lowerBound, range.upperBound, inAttribute: true).prefix(256),
        as: UTF8.self)
    }
    return links.add(kind, tag, attribute, tokenizer.bytes, range, rel: rel, &decoder)
  }

  private mutating func candidates(
    _ kind: LinkKind, _ tag: Tag, _ attribute: AttributeName, _ tokenizer: borrowing Tokenizer
  ) {
    guard let range = tokenizer.attribute(attribute) else { return }
    let text = decoder.decode(tokenizer.bytes, range.lowerBound, range.upperBound, inAttribute: true)
    for candidate in Srcset(text) {
      guard links.add(kind, tag, attribute, candidate, rel: nil) != nil else { return }
    }
  }

  private mutating func collapsed(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, inAttribute: Bool) -> String? {
    var capture = TextCapture(limit: titleBytes)
    capture.open()
    let end = min(range.upperBound, range.lowerBound + titleBytes * 16)
    capture.add(decoder.decode(bytes, range.lowerBound, end, inAttribute: inAttribute))
    return capture.close()
  }
}
