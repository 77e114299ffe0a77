package import WebURL

/// Reads sitemaps in all the forms of the Sitemaps protocol (sitemaps.org), and feeds.
///
/// What a document is it says itself: XML by its root element, text by its first line; gzip is known by its first bytes.
/// Its URLs are absolute, or paths that begin with a slash; those of feeds may be relative to the feed. Like `PageReader` it
/// takes linear time, never fails, and gives of a broken document what comes before the fault.
package enum SitemapReader {
  /// The sitemap in `body`, whose URL after redirects is `url`; of the Content-Type only the charset counts.
  ///
  /// Linear in the length of the body, unpacked.
  package static func read(
    _ body: UnsafeBufferPointer<UInt8>, url: WebURL, contentType: String?, limits: SitemapLimits = SitemapLimits()
  ) -> Sitemap {
    guard Gunzip.isGzip(body) else {
      let cut: Sitemap.Cut? = body.count > limits.bytes ? .bytes : nil
      let document = UnsafeBufferPointer(rebasing: body.prefix(limits.bytes))
      return read(document, cut: cut, url: url, contentType: contentType, limits: limits)
    }
    let unpacked = Gunzip(body, limits: limits)
    return unpacked.output.withUnsafeBufferPointer {
      read($0, cut: unpacked.cut, url: url, contentType: contentType, limits: limits)
    }
  }

  /// As above, for an array.
  package static func read(
    _ body: [UInt8], url: WebURL, contentType: String?, limits: SitemapLimits = SitemapLimits()
  ) -> Sitemap {
    body.withUnsafeBufferPointer { read($0, url: url, contentType: contentType, limits: limits) }
  }

  private static func read(
    _ document: UnsafeBufferPointer<UInt8>, cut: Sitemap.Cut?, url: WebURL, contentType: String?, limits: SitemapLimits
  ) -> Sitemap {
    let charset = charset(document, contentType)
    let bytes = UnsafeBufferPointer(rebasing: document.dropFirst(charset.markLength))
    var sitemap: Sitemap
    if charset.name != "utf-8" {
      let text = Transcoder.utf8(bytes, from: charset.name)
      sitemap = text.withUnsafeBufferPointer { read($0, isCut: cut != nil, url: url, limits: limits) }
    } else {
      sitemap = read(bytes, isCut: cut != nil, url: url, limits: limits)
    }
    // A list that was full before the document's end had more of it.
    if sitemap.cut == nil { sitemap.cut = cut }
    return sitemap
  }

  /// Reads UTF-8; what is not becomes U+FFFD.
  private static func read(
    _ text: UnsafeBufferPointer<UInt8>, isCut: Bool, url: WebURL, limits: SitemapLimits
  ) -> Sitemap {
    let start = UnsafeBufferPointer(rebasing: text.drop(while: Octet.isWhitespace))
    guard start.first == Octet.lessThan else { return lines(start, isCut: isCut, url: url, limits: limits) }
    guard let expanded = XMLEntities.expanded(start) else { return elements(start, url: url, limits: limits) }
    return expanded.withUnsafeBufferPointer { elements($0, url: url, limits: limits) }
  }

  private static func elements(
    _ document: UnsafeBufferPointer<UInt8>, url: WebURL, limits: SitemapLimits
  ) -> Sitemap {
    var elements = SitemapElements(document, url: url, limits: limits)
    elements.run()
    return elements.sitemap
  }

  /// A byte order mark, else the header (RFC 7303, section 3), else the XML declaration, else UTF-8, as the protocol asks.
  private static func charset(_ document: UnsafeBufferPointer<UInt8>, _ contentType: String?) -> Charset {
    if let marked = Charset.byteOrderMark(document) { return marked }
    let start = UnsafeBufferPointer(rebasing: document.drop(while: Octet.isWhitespace))
    let declared = MetaPrescan.xmlEncoding(start).map { Charset(name: $0, source: .meta) }
    let named = encoding(namedBy: contentType).map { Charset(name: $0, source: .http) }
    guard let declared, let named else { return named ?? declared ?? Charset(name: "utf-8", source: .default) }
    return holds(declared.name, against: named.name, document) ? declared : named
  }

  private static func encoding(namedBy contentType: String?) -> String? {
    guard let contentType, var label = MediaType(contentType).charset else { return nil }
    return label.withUTF8(EncodingLabels.encoding)
  }

  /// Whether the declaration is right although the header names another encoding: who transcodes a document may forget the
  /// declaration, but servers name one encoding for all that they have. Where one of both is UTF-8, the bytes tell, and so they
  /// do where one is UTF-16, in which no declaration could be read as it was. At most one look at all bytes.
  private static func holds(
    _ declared: String, against named: String, _ document: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    if declared == named || declared.hasPrefix("utf-16") || named.hasPrefix("utf-16") { return true }
    guard declared == "utf-8" || named == "utf-8" else { return false }
    guard UTF8Validation.isValid(document, mayEndEarly: true) else { return named == "utf-8" }
    guard declared == "utf-8", let bytes = document.baseAddress else { return false }
    return UTF8Validation.skipASCII(bytes, 0, document.count) < document.count
  }

  // MARK: - One URL per line

  /// A text is a sitemap when its first line is a URL; other lines that are none are passed over and counted.
  private static func lines(
    _ text: UnsafeBufferPointer<UInt8>, isCut: Bool, url document: WebURL, limits: SitemapLimits
  ) -> Sitemap {
    var sitemap = Sitemap(limits: limits)
    var rest = text[...]
    while !rest.isEmpty {
      let line = rest.prefix { $0 != Octet.lineFeed && $0 != Octet.carriageReturn }
      rest = rest.dropFirst(line.count + 1)
      // What is left of a line that a limit cut is another URL.
      if isCut && line.endIndex == text.endIndex { break }
      let written = Octet.trimmed(UnsafeBufferPointer(rebasing: line))
      if written.isEmpty { continue }
      let base = sitemap.kind != nil && written.first == Octet.solidus ? document : nil
      let url = written.count > limits.entryBytes ? nil : try? WebURL.parse(written, base: base, keepFragment: false)
      guard let url, url.isHTTP, url.href.utf8.count <= limits.entryBytes else {
        if sitemap.kind == nil { break }
        if url?.isHTTP ?? (written.count > limits.entryBytes) {
          sitemap.longURLs += 1
        } else {
          sitemap.addInvalid(written)
        }
        continue
      }
      sitemap.begin(.text)
      guard sitemap.add(Sitemap.Entry(url: url, lastModified: nil)) else { break }
    }
    return sitemap
  }
}
