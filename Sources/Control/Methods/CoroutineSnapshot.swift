/// `coroutine.snapshot`: every coroutine of the daemon's event loop, oldest first, the visits among them.
package enum CoroutineSnapshot: ControlMethod {
  package static let name = "coroutine.snapshot"
  package static let answering = ControlAnswering.inOrderLong
  package typealias Parameters = PageParameters

  package struct Result: Codable, Sendable, Equatable {
    package var coroutines: [LoopCoroutineReport]
    /// For the next page; none at the end.
    package var cursor: String?

    package init(coroutines: [LoopCoroutineReport], cursor: String? = nil) {
      self.coroutines = coroutines
      self.cursor = cursor
    }
  }
}

/// A coroutine as the event loop knows it.
package struct LoopCoroutineReport: Codable, Sendable, Equatable {
  /// Unique while the daemon runs.
  package var id: Int64
  package var name: String
  /// None: it runs, or waits for another coroutine.
  package var waitingFor: String?
  /// Microseconds for which it has waited for that, or has run.
  package var waitingAge: Int64
  /// Microseconds since it was started.
  package var age: Int64
  /// Whether it was told to end.
  package var cancelled: Bool

  package init(
    id: Int64, name: String, waitingFor: String?, waitingAge: Int64, age: Int64, cancelled: Bool = false
  ) {
    self.id = id
    self.name = name
    self.waitingFor = waitingFor
    self.waitingAge = waitingAge
    self.age = age
    self.cancelled = cancelled
  }

  enum CodingKeys: String, CodingKey {
    case id, name, age, cancelled
    case waitingFor = "waiting_for"
    case waitingAge = "waiting_age"
  }
}
