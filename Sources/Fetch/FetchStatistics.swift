/// The fetcher's counters at one moment.
package struct FetchStatistics: Sendable, Equatable {
  /// Fetches that have begun and not ended.
  package var inFlight = 0
  /// Fetches that wait for a place.
  package var waiting = 0
  /// Fetches in flight that wait for a socket.
  package var waitingForSocket = 0
  /// Sockets open now, idle ones included.
  package var openSockets = 0
  /// The most sockets that may be open.
  package var maximumSockets = 0
  /// Sockets ever opened.
  package var connectionsMade = 0
  /// Requests handed to the network, ever.
  package var requestsSent = 0
  /// Bytes of responses as received, header sections included, ever.
  package var wireBytes = 0
  /// Bytes that fetches in flight hold in memory now: of bodies, decoded, and of header sections.
  package var bufferedBytes = 0

  package init() {}
}
