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

  /// All kinds that its tokens make it, in the order above; `link` when there is none of those.
  static func kinds(_ rel: String) -> [LinkKind] {
    let tokens = rel.utf8.split(whereSeparator: Octet.isWhitespace).map { $0.map(Octet.lowercase) }
    var kinds: [LinkKind] = []
    for relation in known where !kinds.contains(relation.kind) {
      let name = UnsafeBufferPointer(start: relation.name.utf8Start, count: relation.name.utf8CodeUnitCount)
      if tokens.contains(where: { $0.elementsEqual(name) }) { kinds.append(relation.kind) }
    }
    return kinds.isEmpty ? [.link] : kinds
  }

  private static let known: [(name: StaticString, kind: LinkKind)] = [
    ("canonical", .canonical), ("next", .linkNext), ("prev", .linkPrevious), ("previous", .linkPrevious),
    ("stylesheet", .stylesheet), ("alternate", .alternate), ("icon", .icon), ("apple-touch-icon", .icon),
    ("sitemap", .sitemap),
  ]
}
