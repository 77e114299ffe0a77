/// The name of a query parameter as a rule writes it, in which each `*` stands for any text, or none (`utm_*`).
///
/// Names are compared byte by byte, as they stand in a canonical query: by letter case, with the percent-encoding of
/// unreserved characters undone. The pattern itself is read the same way, so that `%73id`, `sid` and, beyond ASCII, `é`
/// and `%c3%a9` mean the same. A `+` is a plus sign.
package struct ParameterPattern: Hashable, Sendable, CustomStringConvertible {
  package static let longest = 256

  /// As it is compared.
  package let description: String
  /// What stands between the wildcards.
  private let pieces: [[UInt8]]

  /// nil for what can be no name: empty, longer than 256 bytes (as it is compared, too), or with one of `& = #`, which end a name.
  package init?(_ text: String) {
    guard (1...Self.longest).contains(text.utf8.count),
      !text.utf8.contains(where: { $0 == .ampersand || $0 == .equals || $0 == UInt8(ascii: "#") }),
      let query = WebURL("http://h/?" + text)?.canonical().query,
      (1...Self.longest).contains(query.utf8.count)
    else { return nil }
    description = query
    pieces = query.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
  }

  /// Whether the whole name matches. At most pattern × name steps, and nearly always as many as the name has bytes: each
  /// piece is taken where it comes first.
  func matches(_ name: ArraySlice<UInt8>) -> Bool {
    guard let first = pieces.first, let last = pieces.last, name.starts(with: first) else { return false }
    if pieces.count == 1 { return name.count == first.count }
    var rest = name.dropFirst(first.count)
    for piece in pieces.dropFirst().dropLast() {
      while !rest.starts(with: piece) {
        if rest.count <= piece.count { return false }
        rest = rest.dropFirst()
      }
      rest = rest.dropFirst(piece.count)
    }
    return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
  }
}
