/// Where a URL of a task stands on disk. What is in flight is `ready` here: a crash then fetches it again.
package enum URLState: String, Sendable, CaseIterable {
  /// To be fetched as soon as its host's turn comes.
  case ready
  /// To be fetched at its due time.
  case delayed
  /// It has a final HTTP answer (a 404 too).
  case done
  /// No answer after the last attempt; the reason is the last outcome.
  case failed
  /// Never to be fetched; the reason says which rule.
  case excluded
}
