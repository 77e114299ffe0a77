import BenchmarkCounts
import Parse
import WebURL

/// What a visit does with a page: it sniffs the kind, reads the page, and takes each link's identity as the frontier does.
struct Reading {
  private let key: FingerprintKey
  /// Links whose value stood in an attribute named `href`.
  private(set) var hrefs = 0
  /// The sum of all fingerprints, so that no work is without effect.
  private(set) var identities: UInt64 = 0

  init() {
    guard let key = FingerprintKey(bytes: [UInt8](0..<16)) else { stop("16 bytes make no key") }
    self.key = key
  }

  mutating func visit(_ body: [UInt8], at url: WebURL) {
    guard let page = page(body, at: url) else { return }
    for link in page.links {
      if link.attribute == "href" { hrefs += 1 }
      if let url = link.url { identities &+= url.canonical().fingerprint(key) }
    }
  }

  /// The page alone, as its reader gives it; nil for what is none.
  func page(_ body: [UInt8], at url: WebURL) -> Page? {
    let kind = body.withUnsafeBufferPointer { ContentKind.sniff("text/html", $0, noSniff: false) }
    guard kind == .html else { return nil }
    return PageReader.read(body, url: url, contentType: "text/html", productToken: "crawld")
  }
}
