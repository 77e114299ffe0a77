/// A URL that may be fetched, as the frontier takes it into a host queue.
package struct ReadyURL: Sendable, Equatable {
  package var id: Int64
  package var taskID: Int64
  package var hostID: Int64?
  package var url: String
  package var depth: Int
  package var redirects: Int
  package var priority: Int
  package var attempts: Int
  package var viaURLID: Int64?
  package var fingerprint: UInt64

  package init(
    id: Int64, taskID: Int64, hostID: Int64?, url: String, depth: Int, redirects: Int, priority: Int, attempts: Int,
    viaURLID: Int64?, fingerprint: UInt64
  ) {
    self.id = id
    self.taskID = taskID
    self.hostID = hostID
    self.url = url
    self.depth = depth
    self.redirects = redirects
    self.priority = priority
    self.attempts = attempts
    self.viaURLID = viaURLID
    self.fingerprint = fingerprint
  }

  /// Its place in the host queue.
  package var key: QueueKey { QueueKey(priority: priority, depth: depth, id: id) }

  static let columns = "id, task_id, host_id, url, depth, redirects, priority, attempts, via_url_id, fingerprint"

  /// A row of `columns`.
  init(_ row: Statement) {
    self.init(
      id: row.integer(0), taskID: row.integer(1), hostID: row.integerOrNil(2), url: row.text(3), depth: row.count(4),
      redirects: row.count(5), priority: row.count(6), attempts: row.count(7), viaURLID: row.integerOrNil(8),
      fingerprint: row.bits(9))
  }
}
