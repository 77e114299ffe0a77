/// A task's counters, or what a visit adds to them. They commit with the rows that they count, so that a counter
/// always equals its recount. `known` = ready + delayed + done + failed + excluded.
package struct CounterDelta: Sendable, Equatable {
  package var known: Int
  /// Seeds among them.
  package var seeds: Int
  package var ready: Int
  package var delayed: Int
  package var done: Int
  package var failed: Int
  package var excluded: Int
  /// Rows of `fetches`, robots.txt included.
  package var fetches: Int
  /// Visits with a final HTTP answer.
  package var finalAnswers: Int
  /// Final answers that were 2xx or 304.
  package var okAnswers: Int
  package var wireBytes: Int
  package var bodyBytes: Int
  /// Rows of `fetches` by change.
  package var changes = ChangeCounts()

  package init(
    known: Int = 0, seeds: Int = 0, ready: Int = 0, delayed: Int = 0, done: Int = 0, failed: Int = 0,
    excluded: Int = 0, fetches: Int = 0, finalAnswers: Int = 0, okAnswers: Int = 0, wireBytes: Int = 0,
    bodyBytes: Int = 0
  ) {
    self.known = known
    self.seeds = seeds
    self.ready = ready
    self.delayed = delayed
    self.done = done
    self.failed = failed
    self.excluded = excluded
    self.fetches = fetches
    self.finalAnswers = finalAnswers
    self.okAnswers = okAnswers
    self.wireBytes = wireBytes
    self.bodyBytes = bodyBytes
  }

  /// The columns of `task_counters`, and what stands in each.
  static let columns: [(name: String, path: any WritableKeyPath<CounterDelta, Int> & Sendable)] =
    [
      ("known", \.known), ("seeds", \.seeds), ("ready", \.ready), ("delayed", \.delayed), ("done", \.done),
      ("failed", \.failed), ("excluded", \.excluded), ("fetches", \.fetches), ("final_answers", \.finalAnswers),
      ("ok_answers", \.okAnswers), ("wire_bytes", \.wireBytes), ("body_bytes", \.bodyBytes),
    ] + PageChange.allCases.map { ($0.rawValue, \.changes[$0]) }

  /// Counts a URL that is new, in its first state.
  package mutating func discover(in state: URLState, isSeed: Bool) {
    known &+= 1
    if isSeed { seeds &+= 1 }
    self[state] &+= 1
  }

  /// Counts a URL that leaves one state for another.
  package mutating func move(from old: URLState, to new: URLState) {
    self[old] &-= 1
    self[new] &+= 1
  }

  /// Counts a row of `fetches`.
  package mutating func count(_ fetch: FetchRecord) {
    fetches &+= 1
    wireBytes &+= fetch.wireBytes
    bodyBytes &+= fetch.bodyBytes
    if let change = fetch.change { changes[change] &+= 1 }
  }

  /// The count of the URLs in one state.
  package subscript(state: URLState) -> Int {
    get {
      switch state {
      case .ready: ready
      case .delayed: delayed
      case .done: done
      case .failed: failed
      case .excluded: excluded
      }
    }
    set {
      switch state {
      case .ready: ready = newValue
      case .delayed: delayed = newValue
      case .done: done = newValue
      case .failed: failed = newValue
      case .excluded: excluded = newValue
      }
    }
  }

  package static func += (left: inout CounterDelta, right: CounterDelta) {
    left.known &+= right.known
    left.seeds &+= right.seeds
    left.ready &+= right.ready
    left.delayed &+= right.delayed
    left.done &+= right.done
    left.failed &+= right.failed
    left.excluded &+= right.excluded
    left.fetches &+= right.fetches
    left.finalAnswers &+= right.finalAnswers
    left.okAnswers &+= right.okAnswers
    left.wireBytes &+= right.wireBytes
    left.bodyBytes &+= right.bodyBytes
    left.changes += right.changes
  }

  package var isZero: Bool { self == CounterDelta() }
}
