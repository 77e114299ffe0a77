package import Address

/// One misbehaviour of the web, by name: what a server does, what a fetch of it may come to, and which limit ends it.
///
/// A fault is data; the files `Fault+…` hold one kind each. An answer's fault is at `/fault/<name>` of any host (with
/// `/<n>` after it where one counts); the others need a host of their own, `host`, and the web that has them all
/// (`HostileWeb`).
package struct Fault: Sendable {
  /// Where the misbehaviour is.
  package enum Place: Sendable {
    /// The answer to a request for `target`. `visit` counts the requests for it from 1; the argument is the number in
    /// its path.
    case answer(@Sendable (_ argument: Int?, _ visit: Int) -> [WireStep])
    /// The answer to `/robots.txt` of its host; the other answers are in order. The port is that of the whole web.
    case robots(@Sendable (_ visit: Int, _ port: UInt16) -> [WireStep])
    /// What comes after the first bytes of the client, whatever they are; with the scheme that the client believes in.
    case bytes(scheme: String, [WireStep])
    /// What the name server says of its host's name; the host itself, at its home, is in order.
    case name(@Sendable (NameServer.Question, _ home: Address) -> NameServer.Reply)
    /// A certificate or a setting of a real TLS server; the answers are in order.
    case tls(TLSServer.Manner)
    /// What follows the request of a stream, in frames of HTTP/2.
    case frames(@Sendable (_ stream: UInt32) -> [WireStep])
    /// Nobody takes the connection: nobody listens, or nobody accepts.
    case nobody(isListening: Bool)
  }

  /// The limit of the client that ends a fetch of it.
  package enum Limit: Sendable {
    /// None: it ends by itself.
    case none
    case dns
    case connect
    case firstByte
    case lowSpeed
    case total
    /// None, and its URL has to wait longer than a test can.
    case hour
  }

  package let name: String
  /// What it may come to: the outcome of its URL's last fetch in the words of the results database, or the reason why
  /// there was none, or `waiting`. Where it redirects, that of the URL at the end of the chain.
  package let outcomes: Set<String>
  package let limit: Limit
  package let place: Place
  /// What is asked for on its host, unless its place says.
  package let page: String

  package init(
    _ name: String, is outcomes: Set<String>, limit: Limit = .none, page: String = "/page", at place: Place
  ) {
    self.page = page
    self.name = name
    self.outcomes = outcomes
    self.limit = limit
    self.place = place
  }

  /// A fault of an answer that is always the same.
  init(_ name: String, is outcomes: Set<String>, limit: Limit = .none, _ steps: [WireStep]) {
    self.name = name
    self.outcomes = outcomes
    self.limit = limit
    page = "/page"
    place = .answer { _, _ in steps }
  }

  package var target: String { "/fault/\(name)" }

  /// The name of the host that it has to itself.
  package var host: String { "\(String(name.map { $0 == "." ? "-" : $0 })).fault.test" }

  /// All of them, kind after kind.
  package static let all: [Fault] = kinds.flatMap(\.faults)

  /// Those of answers, which any host has.
  package static let answers: [Fault] = all.filter { if case .answer = $0.place { true } else { false } }

  package static let kinds: [(name: String, faults: [Fault])] = [
    ("broken connections", connections), ("framing", framings), ("heads", heads), ("interim answers", interims),
    ("bodies", bodies), ("bombs", bombs), ("statuses", statuses), ("Retry-After", retryAfters),
    ("redirects", redirects), ("robots.txt", robots), ("names", names), ("TLS", tls), ("HTTP/2", frames),
  ]

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  package static func named(_ name: some StringProtocol) -> Fault? { byName[String(name)] }

  /// What the server sends for the `visit`-th request of this fault's target; nil when it is no fault of an answer. A
  /// script that ends without `.close` or `.reset` leaves the connection open for the next request.
  package func script(argument: Int?, visit: Int) -> [WireStep]? {
    if case .answer(let script) = place { script(argument, visit) } else { nil }
  }
}

extension Fault {
  /// A page that a crawler can be content with.
  package static let page = "<!doctype html><title>After the fault</title><p>A page like any other.</p>\n"
  static let wholePage = WireStep.send(Response.html(page))
  static let pageHead = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
  static let thousand = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000)

  /// The head of a page of this length.
  static func head(length: Int) -> String { pageHead + "Content-Length: \(length)\r\n\r\n" }

  /// The head of a page in chunks.
  static let chunkedHead = pageHead + "Transfer-Encoding: chunked\r\n\r\n"
}
