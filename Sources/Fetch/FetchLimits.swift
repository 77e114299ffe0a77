/// What one fetch may cost. Every limit is counted here, in the callbacks, and not left to libcurl: its own do not hold
/// for chunked or compressed bodies.
package struct FetchLimits: Sendable {
  /// Bytes of the decoded body, and of the body on the wire. Above it: `too_large`.
  package var bodyBytes = 10 << 20
  /// For a body that is coded or in chunks. When more bytes than this were on the wire, those between chunks too, the
  /// decoded body must have at least half as many as were. Otherwise: `too_large`.
  package var wasteAfterBytes = 1 << 20
  /// Decoded bytes per byte on the wire, looked at once `ratioAfterBytes` are decoded. Above it: `bomb`.
  package var ratio = 200
  package var ratioAfterBytes = 1 << 20
  /// Content codings on top of each other. Above it: `bomb`.
  package var contentCodings = 2
  /// Bytes of all header sections of a response, interim ones and trailers too. Above it: `header_limit`.
  package var headerBytes = 300 << 10
  /// From the start of the connection to the end of its TLS handshake, per address.
  package var connect: Duration = .seconds(10)
  /// From the request to the end of the response's header section.
  package var firstByte: Duration = .seconds(30)
  /// Bytes per second on the wire, below which a body is `too_slow` …
  package var lowSpeedBytesPerSecond = 100
  /// … over this time. A body gets at least this long.
  package var lowSpeedTime: Duration = .seconds(30)
  /// From the first step (DNS) to the last byte.
  package var total: Duration = .seconds(300)
  /// Addresses of one name that are tried within one fetch when connecting fails. The next fetch begins with others, and with
  /// one that is not dead: see `DeadAddresses`.
  package var addresses = 4

  package init() {}
}
