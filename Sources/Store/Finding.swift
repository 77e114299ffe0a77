/// One thing that an examination of the database has found.
package struct Finding: Sendable, Equatable {
  /// What is looked at, in this order.
  package enum Check: String, Sendable, CaseIterable {
    /// Whether there is a database of this program.
    case file
    /// Who owns its files, and who else may use them.
    case permissions
    /// The version of its tables.
    case layout
    /// SQLite's own `integrity_check`.
    case integrity
    /// Rows that name rows which are not there: links to unknown URLs, fetches of unknown hosts …
    case references
    /// Counters against recounts.
    case counters
    /// URLs that a task knows twice.
    case fingerprints
    /// States that say too little: no reason, no time.
    case states
    /// What is done and has no result; pages whose links are not all there.
    case results
    /// Texts that are not what their hashes say, that no page has, or that the full-text index does not have.
    case texts
    /// Bodies that are missing, not what their hashes say, or that no fetch has.
    case bodies
    /// The write-ahead log, and who keeps it from starting anew.
    case log
  }

  package var check: Check
  /// It breaks a promise; otherwise it is only worth knowing.
  package var isProblem: Bool
  package var sentence: String

  package init(_ check: Check, isProblem: Bool = true, _ sentence: String) {
    self.check = check
    self.isProblem = isProblem
    self.sentence = sentence
  }
}
