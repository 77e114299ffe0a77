// The room Parse: the bytes of an HTML page in, what it says about itself and where it points out.
//
// - A link is what is a link in the tree that a browser without scripting would build: the HTML Standard's tokenizer and
//   tree construction decide, so nothing comes from comments, scripts, style sheets, text areas, or tags that the parser
//   drops. No tree is built; `TreeConstruction` keeps only the stack of open elements.
// - Reading is pure: no input or output, no clock, nothing shared. It takes linear time and never fails; what exceeds a
//   limit is cut, and hostile bytes give some page.
// - Pages in UTF-8 and windows-1252 are read as they are; only kept values become strings. Other encodings are
//   transcoded first.
// - Not here: who follows which link (Frontier), the HTTP headers but for Content-Type, the bodies of other types.
package import WebURL

/// Reads pages.
package enum PageReader {
  /// The page in `body`, whose URL after redirects is `url`.
  ///
  /// Linear in the length of the body and of the URLs of its links. Never fails.
  package static func read(
    _ body: UnsafeBufferPointer<UInt8>, url: WebURL, contentType: String?, limits: ParseLimits = ParseLimits()
  ) -> Page {
    let charset = Charset.determine(body, contentType: contentType)
    let text = UnsafeBufferPointer(rebasing: body.dropFirst(charset.markLength))
    let isXML = contentType.map { MediaType($0).essence == "application/xhtml+xml" } ?? false
    if charset.name == "utf-8" || charset.name == "windows-1252" {
      let isWindows1252 = charset.name == "windows-1252"
      return read(text, isWindows1252: isWindows1252, isXML: isXML, url: url, charset: charset, limits: limits)
    }
    guard let transcoded = Transcoder.utf8(text, from: charset.name) else {
      return read(text, isWindows1252: true, isXML: isXML, url: url, charset: charset, limits: limits)
    }
    return transcoded.withUnsafeBufferPointer {
      read($0, isWindows1252: false, isXML: isXML, url: url, charset: charset, limits: limits)
    }
  }

  /// As above, for an array.
  package static func read(
    _ body: [UInt8], url: WebURL, contentType: String?, limits: ParseLimits = ParseLimits()
  ) -> Page {
    body.withUnsafeBufferPointer { read($0, url: url, contentType: contentType, limits: limits) }
  }

  private static func read(
    _ text: UnsafeBufferPointer<UInt8>, isWindows1252: Bool, isXML: Bool, url: WebURL, charset: Charset,
    limits: ParseLimits
  ) -> Page {
    let facts = PageFacts(url: url, isWindows1252: isWindows1252, limits: limits)
    var construction = TreeConstruction(text, facts: facts, isXML: isXML, limits: limits)
    construction.run()
    return page(construction.facts, charset)
  }

  private static func page(_ facts: borrowing PageFacts, _ charset: Charset) -> Page {
    let links = facts.links.links
    return Page(
      charset: charset.name, charsetSource: charset.source, base: facts.links.base, title: facts.title,
      description: facts.description, h1: facts.h1, canonical: facts.canonicalLink.flatMap { links[$0].url },
      language: facts.language ?? facts.contentLanguage, robots: facts.robots,
      refresh: facts.refreshLink.map { links[$0] }, wordCount: facts.wordCount, textHash: facts.textHash, links: links,
      linksTruncated: facts.links.isTruncated)
  }
}
