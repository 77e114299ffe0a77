// Units: durations, sizes and times as people write them, and text that is safe to show.
//
// A text with a unit becomes a number here and nowhere else: configuration, command line, control protocol and display
// share these readers, so `1.5h` means the same everywhere. Invariants: what `format` or `exact` writes, `parse` reads;
// arithmetic is on integers and never traps, whatever the text; a refusal is one sentence that names what is accepted.
//
// The room does not know the time zone, the locale or the terminal, and it imports nothing but the C library.

/// Why a text is no duration, size or time: a sentence for the person who wrote it.
package struct UnitsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with the text, e.g. `"10 parsecs" is no duration`.
  package let problem: String
  /// What would have been right, e.g. `a number with ms, s, m, h or d`.
  package let accepted: String

  package init(problem: String, accepted: String) {
    self.problem = problem
    self.accepted = accepted
  }

  package var description: String { "\(problem); accepted: \(accepted)" }
}
