package import WebURL

/// A URL that a page, a redirect, a seed or a user names to a task's frontier.
package struct Offer: Sendable {
  package enum Source: Sendable {
    case seed
    /// A link; `followed` says whether the task follows links of its kind, `nofollow` whether it must not follow this one.
    case link(followed: Bool, nofollow: Bool)
    /// A redirect of the visit `redirects` hops from the URL that a link named.
    case redirect(redirects: Int)
  }

  package var url: WebURL
  package var source: Source
  /// 0 for seeds; a link adds 1; a redirect 0; 1 for sitemaps and what they name.
  package var depth: Int
  package var viaURLID: Int64?
  /// Of a URL that is named as a sitemap, its level, one of `FrontierEntry.sitemapLevels`.
  package var sitemapLevel: Int?
  /// A handler has dropped it: where no other rule excludes it, that does.
  package var isDropped = false
  /// Handlers are to be asked of it: where nothing else excludes it, its row stays as it is until then.
  package var isUnasked = false
  /// A row of the task says that it is excluded for this reason, and is to be judged by the rules of now.
  package var excludedFor: ExclusionReason?
  /// Other links than this may name it better: what excludes it for how it is named is not said yet.
  package var isOneOfSeveral = false
  /// Whoever leads there asks that it be requested at this time at the earliest, by the calendar of the caller: where no rule
  /// excludes it, it is not queued, and its fate is `.delayed`.
  package var dueAt: Int64?

  package init(url: WebURL, source: Source, depth: Int, viaURLID: Int64?, sitemapLevel: Int? = nil) {
    self.url = url
    self.source = source
    self.depth = depth
    self.viaURLID = viaURLID
    self.sitemapLevel = sitemapLevel
  }
}

/// What became of an offer: the row that must be stored, if any.
package struct OfferResult: Sendable {
  package enum Change: Sendable {
    /// Nothing to store.
    case known
    /// A new row.
    case discovered(Fate)
    /// The known row was excluded and now has this fate, in the spelling that was offered.
    case revived(Fate)
  }

  package enum Fate: Sendable {
    case ready
    /// Its time is to come: `Offer.dueAt`.
    case delayed(until: Int64)
    case excluded(ExclusionReason)
    /// The host's robots.txt can't be reached, so none of its URLs is visited.
    case robotsUnreachable
  }

  package var id: Int64
  package var hostID: Int64?
  package var fingerprint: UInt64
  package var priority: Int
  package var depth: Int
  package var redirects: Int
  package var change: Change
  /// A handler had dropped it, which holds no more.
  package var isDroppedNoMore = false
  /// The row becomes a seed with that.
  package var isNewSeed = false
  /// It is excluded unless another link names it better, see `Offer.isOneOfSeveral`. Its row stays as it is; links that are
  /// offered from now on are judged.
  package var isLeftOpen = false
  /// Handlers alone may exclude it, see `Offer.isUnasked`.
  package var isUnasked = false
}
