/// What a page says about itself in the Open Graph protocol: `meta` elements with a `property` and a `content`. Of several
/// with one property the first counts.
package struct OpenGraph: Sendable, Hashable {
  package var title: String?
  package var description: String?
  /// As written, and in `Page.openGraph` joined with the document's base URL.
  package var url: String?
  /// As `url`.
  package var image: String?
  package var type: String?
  package var siteName: String?
  package var locale: String?

  package init() {}

  package var isEmpty: Bool { self == OpenGraph() }

  /// Where the value of a property belongs; nil for a property that is not kept.
  static func property(_ name: UnsafeBufferPointer<UInt8>) -> WritableKeyPath<OpenGraph, String?>? {
    guard name.count > 3, Octet.equalsIgnoringCase(UnsafeBufferPointer(rebasing: name[..<3]), "og:") else { return nil }
    switch String(decoding: name[3...].map(Octet.lowercase), as: UTF8.self) {
    case "title": return \.title
    case "description": return \.description
    case "url": return \.url
    case "image": return \.image
    case "type": return \.type
    case "site_name": return \.siteName
    case "locale": return \.locale
    default: return nil
    }
  }
}
