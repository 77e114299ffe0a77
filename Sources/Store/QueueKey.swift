/// A place in a host queue: priority, then depth (breadth first), then age.
package struct QueueKey: Sendable, Hashable, Comparable {
  package var priority: Int
  package var depth: Int
  package var id: Int64

  package init(priority: Int, depth: Int, id: Int64) {
    self.priority = priority
    self.depth = depth
    self.id = id
  }

  package static func < (left: QueueKey, right: QueueKey) -> Bool {
    (left.priority, left.depth, left.id) < (right.priority, right.depth, right.id)
  }
}
