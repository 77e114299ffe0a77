/// Why a URL that was offered is not visited: the closed vocabulary of `urls.reason` for the state `excluded`.
package enum ExclusionReason: String, CaseIterable, Sendable {
  /// Outside every seed's scope.
  case scope
  /// Matches none of the `include` patterns.
  case include
  /// Matches an `exclude` pattern.
  case exclude
  /// Deeper than `max_depth`; becomes ready when offered at a lower depth.
  case depth
  /// Disallowed by the host's robots.txt.
  case robots
  /// Named only by links that say nofollow; becomes ready when another link names it.
  case nofollow
  /// Named only by links of kinds that the task does not follow; becomes ready when another link names it.
  case follow
  case trapLength = "trap_length"
  case trapRepeat = "trap_repeat"
  case trapSegments = "trap_segments"
  case hostBudget = "budget_host"
  case patternBudget = "budget_pattern"
  /// Does not parse as a URL.
  case urlInvalid = "url_invalid"
  /// Too long to be kept: the row has the beginning of it, and cannot be let in.
  case urlTooLong = "url_too_long"
  /// Neither http nor https.
  case schemeRefused = "scheme_refused"
  /// Named only by chains of more redirects than allowed; becomes ready when a link, or a shorter chain of URLs that were not
  /// asked for before, names it.
  case redirectLimit = "redirect_limit"
  /// The address guard refused every address of its host.
  case addressRefused = "address_refused"
  /// A handler of the task dropped it; becomes ready when it is named again and the handlers keep it.
  case handler

  /// Rules of a task's settings: what they exclude may be let in by others.
  package static let ofSettings: [ExclusionReason] = [
    .scope, .include, .exclude, .depth, .robots, .nofollow, .follow, .trapLength, .trapRepeat, .trapSegments,
    .hostBudget,
    .patternBudget, .handler,
  ]

  /// For how it was named: another link may let it in.
  package var isOfNaming: Bool {
    switch self {
    case .depth, .nofollow, .follow, .redirectLimit: true
    default: false
    }
  }

  func standing(ofSeed isSeed: Bool) -> SeenSet.Standing {
    switch self {
    case .depth: .excludedForDepth
    case .nofollow: .excludedForNofollow
    case .follow: .excludedForKind
    case .redirectLimit: .excludedForRedirects
    case .scope, .include, .exclude, .robots, .trapLength, .trapRepeat, .trapSegments:
      isSeed ? .excludedSeed : .excludedForSpelling
    // As a seed they would be excluded just the same.
    case .hostBudget, .patternBudget: .excludedForBudget
    // No handler is asked of seeds.
    case .handler: .excludedForHandler
    case .urlInvalid, .urlTooLong, .schemeRefused, .addressRefused: .settled
    }
  }
}

extension SeenSet.Standing {
  /// The standing of a URL that the database holds as excluded for this reason.
  package init(excludedFor reason: String?, isSeed: Bool = false) {
    self = reason.flatMap(ExclusionReason.init(rawValue:))?.standing(ofSeed: isSeed) ?? .settled
  }
}
