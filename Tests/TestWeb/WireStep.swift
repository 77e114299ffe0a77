/// One thing that the server does on the wire.
package enum WireStep: Sendable, Equatable {
  case send([UInt8])
  /// Silence until the test releases what is held, or the client leaves.
  case hold
  /// The same bytes again and again until the client leaves.
  case sendForever([UInt8])
  /// The bytes one by one, each after this time: what makes a trickle is its time, and nothing else here has one.
  case trickle([UInt8], every: Duration)
  /// The same pieces again and again, each after this time, until the client leaves.
  case trickleForever([UInt8], every: Duration)
  /// Ends the connection in order (FIN).
  case close
  /// Ends the connection with a reset (RST).
  case reset

  package static func send(_ text: String) -> WireStep { .send(Array(text.utf8)) }

  package static func sendForever(_ text: String) -> WireStep { .sendForever(Array(text.utf8)) }

  package static func send(_ response: Response) -> WireStep { .send(response.serialised()) }

  /// The HTTP status that the steps begin with; 0 when they begin with nothing that looks like one.
  static func status(of steps: [WireStep]) -> Int {
    for case .send(let bytes) in steps {
      let head = bytes.prefix(12)
      guard head.starts(with: "HTTP/1.".utf8), head.count == 12 else { return 0 }
      return Int(String(decoding: head.suffix(3), as: UTF8.self)) ?? 0
    }
    return 0
  }
}
