package import WebURL

/// The settings of a task that decide what enters its frontier and when it leaves. Times in microseconds.
package struct FrontierSettings: Sendable {
  package var scope = Scope.Kind.host
  package var include: [Glob] = []
  package var exclude: [Glob] = []
  package var maxDepth: Int?
  /// Which URLs count as one; never changed, since the fingerprints of known URLs are made by it.
  package var canonicalPolicy = CanonicalPolicy.conservative
  package var obeysRobots = true
  /// Who reads robots.txt for the task: tasks with the same number ask for it with the same requests and go by the same
  /// groups, so that they share what it says. 0 for ordinary requests, whose robots.txt the rows of hosts keep.
  package var robotsReader = 0
  /// The name of the proxy that its fetches go through, if any. Over each, a host that is silent is left alone apart.
  package var proxy: String?
  package var traps = true
  package var hostBudget: Int?
  package var patternBudget: Int?
  /// Fetches in flight per host.
  package var concurrency = 1
  /// From request to request on a host.
  package var delay: Int64 = 1_000_000
  /// Share among tasks, 0 … 9; 9 gets ten times the starts of 0 when both have work.
  package var priority = 5
  /// Fetches in flight over all hosts of the task.
  package var maxInFlight: Int?
  /// Fetches in flight and visits that wait for the task's handlers; nil without handlers.
  package var maxWaiting: Int?
  /// Bytes of what those visits hold that wait for the task's handlers; nil without handlers.
  package var maxWaitingBytes: Int?
  /// Starts per second over all hosts of the task.
  package var rate: Double?
  /// Visits that may still be started before the task's page quota is reached; nil without a quota.
  package var maxPages: Int?

  package init() {}
}
