/// A host with URLs of one task that are ready.
package struct ReadyHost: Sendable, Equatable {
  package var host: HostRecord
  /// The place of the first of them.
  package var first: QueueKey

  package init(host: HostRecord, first: QueueKey) {
    self.host = host
    self.first = first
  }
}
