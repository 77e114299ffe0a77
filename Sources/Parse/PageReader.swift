// The room Parse: the bytes of an HTML page in, what it says about itself and where it points out; likewise for sitemaps
// and feeds, which `SitemapReader` reads.
//
// - A link is what is a link in the tree that a browser without scripting would build: the HTML Standard's tokenizer and
//   tree construction decide, so nothing comes from comments, scripts, style sheets, text areas, or tags that the parser
//   drops. No tree is built; `TreeConstruction` keeps only the stack of open elements. A page that is XML by its type
//   is read by XML's rules instead, by `XHTMLElements`.
// - Reading is pure: no input or output, no clock, nothing shared. It takes linear time and never fails; what exceeds a
//   limit is cut, and hostile bytes give some page.
// - Pages in UTF-8 and windows-1252 are read as they are; only kept values become strings. Other encodings are
//   transcoded first. Decoders, encoders and indexes are the Encoding Standard's, in the folder Encoding. ICU, which
//   WebURL has for domains, decodes nothing here: its converters agree with the standard in UTF-16 and in 23 of the 28
//   single-byte encodings, but in none of several bytes.
// - The query of a link's URL is in the encoding of its page (URL Standard); everything else of it is UTF-8.
// - Not here: who follows which link (Frontier), the HTTP headers but for Content-Type, the bodies of other types.
package import WebURL

/// Reads pages.
package enum PageReader {
  /// The page in `body`, whose URL after redirects is `url` and whose Content-Type is `type`, for the crawler that `meta` elements call `productToken`.
  ///
  /// Linear in the length of the body and of the URLs of its links. Never fails.
  package static func read(
    _ body: UnsafeBufferPointer<UInt8>, url: WebURL, type: MediaType, productToken: String = "",
    limits: ParseLimits = ParseLimits()
  ) -> Page {
    let isXML = type.isXML || type.isUnknown && ContentKind.sniff(type, body, noSniff: false) == .xhtml
    var limits = limits
    // A byte becomes at most three.
    if limits.textBytes > 0 { limits.textBytes = min(limits.textBytes, max(body.count, 1) * 3) }
    let charset = Charset.determine(body, type, isXML: isXML)
    var reading = Reading(url: url, charset: charset, isXML: isXML, productToken: productToken, limits: limits)
    let (page, declared) = read(body, reading)
    guard reading.seeksEncoding, let declared, declared != charset.name else { return page }
    // "Change the encoding" (HTML Standard, 13.2.3.4): the page is read again.
    reading.charset = Charset(name: declared, source: .meta)
    return read(body, reading).page
  }

  private typealias Result = (page: Page, declaredEncoding: String?)

  private static func read(_ body: UnsafeBufferPointer<UInt8>, _ reading: Reading) -> Result {
    let charset = reading.charset
    let text = UnsafeBufferPointer(rebasing: body.dropFirst(charset.markLength))
    if charset.name == "utf-8" || charset.name == "windows-1252" {
      return read(text, isWindows1252: charset.name == "windows-1252", reading)
    }
    return Transcoder.utf8(text, from: charset.name).withUnsafeBufferPointer { read($0, isWindows1252: false, reading) }
  }

  /// As above, for an array and a Content-Type as received.
  package static func read(
    _ body: [UInt8], url: WebURL, contentType: String?, productToken: String = "",
    limits: ParseLimits = ParseLimits()
  ) -> Page {
    body.withUnsafeBufferPointer {
      read($0, url: url, type: MediaType(contentType ?? ""), productToken: productToken, limits: limits)
    }
  }

  /// What is known of a page before its text is read.
  private struct Reading {
    var url: WebURL
    var charset: Charset
    var isXML: Bool
    var productToken: String
    var limits: ParseLimits

    var seeksEncoding: Bool { !isXML && charset.isTentative }
  }

  private static func read(_ text: UnsafeBufferPointer<UInt8>, isWindows1252: Bool, _ reading: Reading) -> Result {
    var result = facts(of: text, isWindows1252: isWindows1252, reading)
    if reading.limits.sourceBytes > 0 {
      result.page.source = source(text, isWindows1252: isWindows1252, limit: reading.limits.sourceBytes)
    }
    return result
  }

  /// The start of a text as UTF-8, whole characters; what is no UTF-8 becomes U+FFFD.
  private static func source(_ text: UnsafeBufferPointer<UInt8>, isWindows1252: Bool, limit: Int) -> String {
    let start = UnsafeBufferPointer(rebasing: text.prefix(limit))
    var whole = String(
      decoding: isWindows1252 ? Transcoder.utf8(start, from: "windows-1252") : Array(start), as: UTF8.self)
    if whole.utf8.count > limit || start.count < text.count {
      var end = whole.utf8.index(whole.utf8.startIndex, offsetBy: min(limit, whole.utf8.count))
      while end < whole.utf8.endIndex, whole.utf8[end] & 0xC0 == 0x80 { end = whole.utf8.index(before: end) }
      whole = String(whole[..<end])
      // A character that was cut in two.
      if start.count < text.count, !isWindows1252, whole.last == "\u{FFFD}" { whole.removeLast() }
    }
    return whole
  }

  private static func facts(
    of text: UnsafeBufferPointer<UInt8>, isWindows1252: Bool, _ reading: Reading
  ) -> Result {
    guard reading.isXML, let expanded = XMLEntities.expanded(text) else {
      return elements(of: text, isWindows1252: isWindows1252, reading)
    }
    return expanded.withUnsafeBufferPointer { elements(of: $0, isWindows1252: isWindows1252, reading) }
  }

  private static func elements(
    of text: UnsafeBufferPointer<UInt8>, isWindows1252: Bool, _ reading: Reading
  ) -> Result {
    let facts = PageFacts(
      url: reading.url, isWindows1252: isWindows1252, isXML: reading.isXML, seeksEncoding: reading.seeksEncoding,
      queryEncoder: Transcoder.queryEncoder(reading.charset.name), productToken: reading.productToken,
      limits: reading.limits)
    if reading.isXML {
      var elements = XHTMLElements(text, facts: facts, limits: reading.limits)
      elements.run()
      return (page(elements.facts, reading), nil)
    }
    var construction = TreeConstruction(text, facts: facts, limits: reading.limits)
    construction.run()
    return (page(construction.facts, reading), construction.facts.declaredEncoding)
  }

  private static func page(_ facts: borrowing PageFacts, _ reading: Reading) -> Page {
    let links = facts.links.links
    var openGraph = facts.openGraph
    let base = facts.links.base ?? reading.url
    openGraph.url = openGraph.url.map { WebURL($0, base: base)?.href ?? $0 }
    openGraph.image = openGraph.image.map { WebURL($0, base: base)?.href ?? $0 }
    return Page(
      charset: reading.charset.name, charsetSource: reading.charset.source, base: facts.links.base,
      title: facts.title, description: facts.description, h1: facts.h1,
      canonical: facts.canonicalLink.flatMap { links[$0].url },
      language: facts.hasLanguage ? facts.language : facts.contentLanguage,
      hasLanguage: facts.hasLanguage || facts.contentLanguage != nil,
      robots: facts.robots, openGraph: openGraph, refresh: facts.refreshLink.map { links[$0] }, text: facts.text,
      wordCount: facts.wordCount, textHash: facts.textHash, simhash: facts.text.flatMap(SimHash.of), links: links,
      linksTruncated: facts.links.isTruncated)
  }
}
