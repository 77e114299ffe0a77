/// The bounds of the control socket. A test hits each of them.
package struct ControlLimits: Sendable {
  /// Bytes of a request's line.
  package var lineBytes = 1 << 20
  /// Nesting of arrays and objects in a request.
  package var depth = 64
  /// From a line's first byte to its end, for a client to take a reply, and for one with a subscription to take anything.
  package var lineTime: Duration = .seconds(10)
  /// Connections that are served at once.
  package var clients = 64
  /// For a client to send a request, and to take a reply, before another may have its place.
  package var patience: Duration = .seconds(1)
  /// Connections beside them that are being told why they are not served.
  package var parting = 16
  /// For such a one to take that sentence.
  package var partingTime: Duration = .milliseconds(100)
  /// Requests of one connection that are answered `later`, at once.
  package var waitingRequests = 16
  /// Subscriptions of one connection, at once; each keeps up to a thousand events.
  package var subscriptions = 4
  /// Lines longer than this are read as JSON on a pool thread, not on the loop's.
  package var longLineBytes = 32 << 10

  package init() {}

  /// With fewer clients where few descriptors are left for everything but fetching: half of them, at most.
  package init(descriptors: Int) {
    clients = max(1, min(clients, descriptors * 2 / 5))
    parting = max(1, min(parting, descriptors / 10))
  }
}
