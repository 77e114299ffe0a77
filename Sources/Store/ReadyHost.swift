/// A host with URLs of one task that are ready.
package struct ReadyHost: Sendable, Equatable {
  package var host: HostRecord
  /// Counted up to `ReadyHost.countLimit`.
  package var readyCount: Int
  /// The place of the first of them.
  package var first: QueueKey

  /// Where counting ends, so that a huge queue costs no more than a long one.
  package static let countLimit = 1000

  package init(host: HostRecord, readyCount: Int, first: QueueKey) {
    self.host = host
    self.readyCount = readyCount
    self.first = first
  }
}
