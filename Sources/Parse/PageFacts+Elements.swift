// What the elements of a page say.
extension PageFacts {
  /// Takes what the element, whose start tag `tokenizer` read last, says. Links in a template count; facts do not.
  mutating func element(_ name: Tag, _ tokenizer: borrowing Tokenizer, isInTemplate: Bool) {
    switch name {
    case .a:
      guard let place = link(.a, name, .href, tokenizer, rel: true) else { return }
      hreflang(of: place, tokenizer)
      anchor.open()
      anchorLink = place
    case .area:
      guard let place = link(.area, name, .href, tokenizer, rel: true) else { return }
      hreflang(of: place, tokenizer)
      guard let alt = tokenizer.attribute(.alt) else { return }
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
      if !isInTemplate { links.setBase(place, tokenizer.bytes) }
    case .html:
      if !hasLanguage, let lang = tokenizer.attribute(.lang) {
        hasLanguage = true
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
      if attribute(.type, equals: "image", tokenizer) { link(.input, name, .src, tokenizer) }
    default: break
    }
  }

  /// Takes the link of SVG's `a`: `href`, or else `xlink:href` (SVG 2, section 16).
  mutating func svgAnchor(_ tokenizer: borrowing Tokenizer) {
    let attribute = tokenizer.attribute(.href) == nil ? AttributeName.xlinkHref : .href
    guard let place = link(.a, .svgA, attribute, tokenizer, rel: true) else { return }
    hreflang(of: place, tokenizer)
    anchor.open()
    anchorLink = place
  }

  private mutating func linkElement(_ tokenizer: borrowing Tokenizer, isInTemplate: Bool) {
    var kind = LinkKind.link
    if let rel = tokenizer.attribute(.rel) { kind = Relation.kind(decoded(rel, tokenizer)) }
    let place = link(kind, .link, .href, tokenizer, rel: true)
    if kind == .canonical && canonicalLink == nil && !isInTemplate { canonicalLink = place }
    if let place { hreflang(of: place, tokenizer) }
    candidates(kind, .link, .imagesrcset, tokenizer)
  }

  private mutating func hreflang(of place: Int, _ tokenizer: borrowing Tokenizer) {
    guard let range = tokenizer.attribute(.hreflang) else { return }
    if let language = collapsed(tokenizer.bytes, range.prefix(256), inAttribute: true) {
      links.setHreflang(language, of: place)
    }
  }

  private mutating func meta(_ tokenizer: borrowing Tokenizer, isInTemplate: Bool) {
    if seeksEncoding && declaredEncoding == nil { declaredEncoding = encoding(declaredBy: tokenizer) }
    guard !isInTemplate, let content = tokenizer.attribute(.content) else { return }
    if let name = tokenizer.attribute(.name) { namedMeta(decoded(name, tokenizer), content, tokenizer) }
    if let property = tokenizer.attribute(.property), let key = OpenGraph.property(decoded(property, tokenizer)),
      openGraph[keyPath: key] == nil
    {
      openGraph[keyPath: key] = collapsed(tokenizer.bytes, content, inAttribute: true)
    }
    if attribute(.httpEquiv, equals: "refresh", tokenizer) {
      let text = decoder.decode(tokenizer.bytes, content.lowerBound, content.upperBound, inAttribute: true)
      guard let refresh = Refresh(String(decoding: text, as: UTF8.self)), var url = refresh.url else { return }
      let place = url.withUTF8 { links.add(.metaRefresh, .meta, .content, $0, rel: nil) }
      if refreshLink == nil { refreshLink = place }
    } else if attribute(.httpEquiv, equals: "content-language", tokenizer) {
      setContentLanguage(decoded(content, tokenizer))
    }
  }

  /// What the `meta` element says the page is in (HTML Standard, 13.2.6.4.4).
  private mutating func encoding(declaredBy tokenizer: borrowing Tokenizer) -> String? {
    if let label = tokenizer.attribute(.charset), let name = EncodingLabels.encoding(decoded(label, tokenizer)) {
      return MetaPrescan.declarable(name)
    }
    guard let content = tokenizer.attribute(.content), attribute(.httpEquiv, equals: "content-type", tokenizer) else {
      return nil
    }
    return MetaPrescan.encoding(inContent: decoded(content, tokenizer)).map(MetaPrescan.declarable)
  }

  /// The pragma counts when it names a language and has no comma, the last one that does (HTML Standard, 4.2.5.3).
  private mutating func setContentLanguage(_ content: UnsafeBufferPointer<UInt8>) {
    let language = content.drop(while: Octet.isWhitespace).prefix { !Octet.isWhitespace($0) }
    guard !language.isEmpty && !content.contains(Octet.comma) else { return }
    var capture = TextCapture(limit: titleBytes)
    capture.open()
    capture.add(UnsafeBufferPointer(rebasing: language))
    contentLanguage = capture.close()
  }

  private mutating func namedMeta(
    _ name: UnsafeBufferPointer<UInt8>, _ content: Range<Int>, _ tokenizer: borrowing Tokenizer
  ) {
    if Octet.equalsIgnoringCase(name, "robots") || isOurs(name) {
      let text = decoder.decode(tokenizer.bytes, content.lowerBound, content.upperBound, inAttribute: true)
      robots.add(String(decoding: text.prefix(titleBytes), as: UTF8.self), upTo: titleBytes)
    } else if Octet.equalsIgnoringCase(name, "description") {
      if description == nil { description = collapsed(tokenizer.bytes, content, inAttribute: true) }
    }
  }

  private func isOurs(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    !productToken.isEmpty && name.count == productToken.count
      && zip(name, productToken).allSatisfy { Octet.lowercase($0) == $1 }
  }

  // MARK: - Values

  /// Whether an attribute of the tag that `tokenizer` read last equals the lower-case ASCII `text`, letters in either case.
  mutating func attribute(_ name: AttributeName, equals text: StaticString, _ tokenizer: borrowing Tokenizer) -> Bool {
    guard let range = tokenizer.attribute(name) else { return false }
    let written = tokenizer.slice(range)
    // A reference is longer than the letters that it stands for, and hardly any of these values has one.
    guard written.count > text.utf8CodeUnitCount && written.contains(Octet.ampersand) else {
      return Octet.equalsIgnoringCase(written, text)
    }
    return Octet.equalsIgnoringCase(decoded(range, tokenizer), text)
  }

  /// The value of an attribute; valid until the next text is decoded.
  private mutating func decoded(_ value: Range<Int>, _ tokenizer: borrowing Tokenizer) -> UnsafeBufferPointer<UInt8> {
    decoder.decode(tokenizer.bytes, value.lowerBound, value.upperBound, inAttribute: true)
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
    guard attribute == .href || attribute == .xlinkHref || !range.isEmpty else { return nil }
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
    for candidate in Srcset(text) { _ = links.add(kind, tag, attribute, candidate, rel: nil) }
  }
}
