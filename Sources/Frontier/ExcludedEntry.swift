/// A URL that was queued and has been found excluded when it came up.
package struct ExcludedEntry {
  package var entry: FrontierEntry
  package var reason: ExclusionReason
  /// The budgets in which its place is the only free one, or may be: they may have excluded others.
  package var roomyBudgets: Set<ExclusionReason>
}
