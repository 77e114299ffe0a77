/// Coroutines that wait for the writer, or for a commit; a line for each kind, served in its order.
struct WaitingTurns {
  enum Line: CaseIterable {
    /// Next, before all visits.
    case control
    /// After the visits that were appended before.
    case barrier
    /// Not for the writer: until the visits that were appended before are committed.
    case flush
  }

  struct Turn {
    var id: Int64
    /// The sequence number that must be committed before.
    var after: Int64
    /// Waits through failures instead of being refused by one.
    var isPatient: Bool
    var continuation: CheckedContinuation<Void, any Error>
  }

  private var controls: [Turn] = []
  private var barriers: [Turn] = []
  private var flushes: [Turn] = []

  subscript(line: Line) -> [Turn] {
    get {
      switch line {
      case .control: controls
      case .barrier: barriers
      case .flush: flushes
      }
    }
    _modify {
      switch line {
      case .control: yield &controls
      case .barrier: yield &barriers
      case .flush: yield &flushes
      }
    }
  }

  /// Takes the first of a line if what it waits for is committed.
  mutating func takeFirst(_ line: Line, committed: Int64) -> Turn? {
    guard let first = self[line].first, first.after <= committed else { return nil }
    return self[line].removeFirst()
  }

  /// Takes the one with this id, if it still waits.
  mutating func take(id: Int64) -> Turn? {
    for line in Line.allCases {
      if let place = self[line].firstIndex(where: { $0.id == id }) { return self[line].remove(at: place) }
    }
    return nil
  }

  /// Takes all that match.
  mutating func takeAll(where matches: (Line, Turn) -> Bool) -> [Turn] {
    var taken: [Turn] = []
    for line in Line.allCases {
      taken += self[line].filter { matches(line, $0) }
      self[line].removeAll { matches(line, $0) }
    }
    return taken
  }
}
