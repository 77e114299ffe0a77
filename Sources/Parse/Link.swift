package import WebURL

/// One link of a page, in the order of the document.
///
/// It has the compiler's initializer: one written here would make every new link twice, with a retain and a release of each
/// of its strings.
package struct Link: Sendable, Hashable {
  package var kind: LinkKind
  /// The element's `rel`, as written.
  package var rel: String? = nil
  /// The element's name in lower case, `svg:a` for SVG's; empty for a link in the header section of the response.
  package var tag: String
  /// The attribute that holds the link, or the header field.
  package var attribute: String
  /// The attribute's value as written, character references decoded; for `srcset` the candidate's URL, for a meta
  /// refresh the URL within `content`. At most `ParseLimits.valueBytes` bytes. May be empty where there is a URL and
  /// `ParseLimits.keepsValues` is false.
  package var value: String
  /// `value` joined with the document's base URL (a meta refresh with what that is where it stands), without its fragment;
  /// nil when it does not parse as a URL.
  package var url: WebURL?
  /// The element's `hreflang`: the language of the target.
  package var hreflang: String? = nil
  /// The text of an `a` (or the `alt` of an `area`, or the title in a Link header), white space collapsed, at most `ParseLimits.anchorBytes` bytes.
  package var anchor: String? = nil
  /// The place among the page's links, from 0.
  package var position: Int
  /// The place of the first link of the page with this kind, `rel` and `url`, where this one is known to repeat it. Not
  /// every repetition is found.
  package var repeats: Int? = nil
  /// How often the page has it: more than once where links that are not in the list repeat it.
  package var count = 1

  /// Whether `rel` has this token, which is in lower case.
  package func hasRelation(_ name: String) -> Bool {
    guard let rel else { return false }
    return Self.hasRelation(name, in: rel)
  }

  /// Whether a link's relations have this token, which is in lower case.
  package static func hasRelation(_ name: String, in rel: String) -> Bool {
    rel.utf8.split(whereSeparator: Octet.isWhitespace).contains { token in
      token.count == name.utf8.count && zip(token, name.utf8).allSatisfy { Octet.lowercase($0) == $1 }
    }
  }
}
