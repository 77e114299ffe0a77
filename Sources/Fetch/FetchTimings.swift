/// How long the steps of a fetch took, in microseconds; 0 for a step that was not needed. Never longer, together, than the
/// whole.
package struct FetchTimings: Sendable, Equatable {
  /// Waiting for a place among the fetches in flight.
  package var queue: Int64 = 0
  package var dns: Int64 = 0
  /// TCP, of all addresses tried, and the waits for sockets of those that were tried in vain.
  package var connect: Int64 = 0
  package var tls: Int64 = 0
  /// From the request to the first byte of the response.
  package var firstByte: Int64 = 0
  /// Everything to the last byte, the queue included.
  package var total: Int64 = 0

  package init() {}
}
