/// What kind of link names a URL: one closed vocabulary in code, in the `links` table and in `--follow`.
///
/// The order is that of `LinkKind.names`.
package enum LinkKind: UInt8, CaseIterable, Sendable {
  case a
  case area
  case base
  /// `link[href]` whose relation is none of those below.
  case link
  case linkNext
  case linkPrevious
  case canonical
  case alternate
  case stylesheet
  case icon
  case iframe
  case frame
  case img
  case script
  case source
  case track
  case video
  case audio
  case embed
  case object
  /// `input[type=image][src]`.
  case input
  case form
  /// `meta[http-equiv=refresh]`.
  case metaRefresh
  /// The HTTP header `Refresh`.
  case refresh
  case redirect
  /// `link[rel=sitemap]`, and what a sitemap names.
  case sitemap
  /// What an RSS or Atom feed names.
  case feed

  private static let names = StaticString(
    """
    a area base link link-next link-prev canonical alternate stylesheet icon iframe frame img script source track video \
    audio embed object input form meta-refresh refresh redirect sitemap feed
    """
  ).description.split(separator: " ").map(String.init)

  /// As users and tables write it.
  package var name: String { LinkKind.names[Int(rawValue)] }

  /// nil unless it is a name of the vocabulary.
  package init?(name: String) {
    guard let place = LinkKind.names.firstIndex(of: name) else { return nil }
    self.init(rawValue: UInt8(place))
  }
}
