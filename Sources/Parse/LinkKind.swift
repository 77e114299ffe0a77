/// What kind of link names a URL: one closed vocabulary in code, in the `links` table and in `--follow`.
package enum LinkKind: String, CaseIterable, Sendable, Hashable {
  case a
  case area
  case base
  /// `link[href]` whose relation is none of those below.
  case link
  case linkNext = "link-next"
  case linkPrevious = "link-prev"
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
  case metaRefresh = "meta-refresh"
  /// The HTTP header `Refresh`.
  case refresh
  case redirect
  /// `link[rel=sitemap]`, and what a sitemap names.
  case sitemap
  /// What an RSS or Atom feed names.
  case feed
}
