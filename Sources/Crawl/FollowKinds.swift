package import Parse

/// The kinds of links that a task follows; the others are stored and not visited.
package struct FollowKinds: Sendable, Hashable {
  private var bits: UInt64 = 0

  /// What a reader of the page could go to: a, area, redirects, and both forms of refresh.
  package static let standard = FollowKinds([.a, .area, .redirect, .metaRefresh, .refresh])

  package init(_ kinds: [LinkKind]) {
    for kind in kinds { bits |= Self.bit(kind) }
  }

  package func contains(_ kind: LinkKind) -> Bool { bits & Self.bit(kind) != 0 }

  /// The kinds by name, in the order of the vocabulary.
  package var texts: [String] { LinkKind.allCases.filter(contains).map(\.name) }

  static let accepted =
    "kinds of links, separated by commas: " + LinkKind.allCases.map(\.name).joined(separator: " ")
    + "; +KIND adds to the default, all means every kind, none means no kind"

  init(texts: [String]) throws(SettingDefinition.Problem) {
    let names = texts.flatMap { $0.split(separator: ",") }
    if names.allSatisfy({ $0.hasPrefix("+") }), !names.isEmpty { self = .standard }
    for name in names {
      if name == "all" {
        self = FollowKinds(LinkKind.allCases)
      } else if let kind = LinkKind(name: String(name.hasPrefix("+") ? name.dropFirst() : name)) {
        bits |= Self.bit(kind)
      } else {
        throw SettingDefinition.Problem(problem: "has the unknown kind \(name)")
      }
    }
  }

  private static func bit(_ kind: LinkKind) -> UInt64 { 1 << UInt64(kind.rawValue) }
}
