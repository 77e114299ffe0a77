/// The kind of link that the `rel` of a `link` element makes it.
enum Relation {
  /// Of several relations the one that says most about the target counts: canonical, next, prev, stylesheet,
  /// alternate, icon, in this order.
  static func kind(_ rel: UnsafeBufferPointer<UInt8>) -> LinkKind {
    var best = LinkKind.link
    var bestRank = known.count
    var index = 0
    while index < rel.count {
      guard !Octet.isWhitespace(rel[index]) else {
        index += 1
        continue
      }
      let start = index
      while index < rel.count && !Octet.isWhitespace(rel[index]) { index += 1 }
      let token = UnsafeBufferPointer(rebasing: rel[start..<index])
      for (rank, relation) in known.enumerated() where rank < bestRank {
        if Octet.equalsIgnoringCase(token, relation.name) { (best, bestRank) = (relation.kind, rank) }
      }
    }
    return best
  }

  private static let known: [(name: StaticString, kind: LinkKind)] = [
    ("canonical", .canonical), ("next", .linkNext), ("prev", .linkPrevious), ("previous", .linkPrevious),
    ("stylesheet", .stylesheet), ("alternate", .alternate), ("icon", .icon), ("apple-touch-icon", .icon),
    ("sitemap", .sitemap),
  ]
}
