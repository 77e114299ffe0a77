/// The resolver's counters at one moment.
package struct ResolverStatistics: Sendable, Equatable {
  /// Names being looked up now.
  package var inFlight = 0
  /// Questions that no name server has answered yet, also those of names that are not waited for any more.
  package var queries = 0
  /// Names that wait for a place.
  package var waiting = 0
  /// Names in the cache.
  package var cached = 0
  /// Look-ups sent to name servers, ever.
  package var sent = 0
  package var cacheHits = 0
  /// Callers that joined a look-up under way.
  package var shared = 0
  /// Look-ups that ended without a usable answer ("does not exist" is one).
  package var failed = 0

  package init() {}
}
