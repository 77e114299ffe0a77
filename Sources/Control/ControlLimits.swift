/// The bounds of the control socket. A test hits each of them.
package struct ControlLimits: Sendable {
  /// Bytes of a request's line.
  package var lineBytes = 1 << 20
  /// Nesting of arrays and objects in a request.
  package var depth = 64
  /// From a line's first byte to its end, and for a client to take a reply.
  package var lineTime: Duration = .seconds(10)
  /// Connections at once.
  package var clients = 64
  /// Requests of one connection that are answered `later`, at once.
  package var waitingRequests = 16
  /// Lines longer than this are read as JSON on a pool thread, not on the loop's.
  package var longLineBytes = 32 << 10

  package init() {}
}
