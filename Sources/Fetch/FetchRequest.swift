package import EventLoop
package import WebURL

/// One GET request.
/// An object, so that a coroutine that waits for its response holds no more than a pointer. Nothing changes once it was
/// handed over: hence `@unchecked`, and no access is checked for exclusivity.
package final class FetchRequest: @unchecked Sendable {
  /// The fragment is never sent; a user name and password only as Basic authentication, to this URL's origin.
  @exclusivity(unchecked) package var url: WebURL
  @exclusivity(unchecked) package var userAgent: String
  /// Further fields. Those that a line break or another control character would tear apart are left out.
  @exclusivity(unchecked) package var headers: [(name: String, value: String)]
  /// The Cookie field, byte for byte; none when it is empty, or has a control character.
  @exclusivity(unchecked) package var cookie: [UInt8] = []
  @exclusivity(unchecked) package var limits: FetchLimits
  /// The first that are for the URL's origin are sent, unless the URL has its own.
  @exclusivity(unchecked) package var credentials: [FetchCredentials] = []
  /// nil: that of ordinary requests.
  @exclusivity(unchecked) package var route: FetchRoute?
  /// robots.txt: the first 500 KiB are kept and the rest is cut without failing (RFC 9309 section 2.5). What is kept
  /// then ends with a whole line.
  @exclusivity(unchecked) package var isRobots = false
  /// false when the host has no further URL: the connection is closed behind the response.
  @exclusivity(unchecked) package var keepAlive = true
  /// Asked on the loop before each connection, or use of a kept one, with the server's address as text, as far as it is
  /// known (see `FetchProxy.resolvesNames`); false ends the fetch as `aborted`, with nothing sent.
  @exclusivity(unchecked) package var mayConnect: (@Sendable (String) -> Bool)?
  /// Asked on the loop right before the request is written, with the time at which its way to the server begins. False
  /// ends the fetch as `aborted`, with nothing sent. `isAgain`: the request was sent before, and is sent once more.
  @exclusivity(unchecked) package var maySend: (@Sendable (_ at: EventLoop.Instant, _ isAgain: Bool) -> Bool)?
  /// Asked on the loop before a challenge (RFC 7616) that has Set-Cookie fields is answered, with their values, byte for byte:
  /// what the Cookie field of the answer has, empty for none. Without it the request goes out again with the one that it had.
  @exclusivity(unchecked) package var answerCookies: (@Sendable (_ setCookies: [[UInt8]]) -> [UInt8])?
  /// The response has the request's header section, and as much of the body as came, whatever the outcome.
  @exclusivity(unchecked) package var keepsMessages = false
  package let progress: FetchProgress
  package let gate: FetchGate

  package init(
    url: WebURL, userAgent: String, headers: [(name: String, value: String)] = [], limits: FetchLimits = FetchLimits(),
    progress: FetchProgress, gate: FetchGate
  ) {
    self.url = url
    self.userAgent = userAgent
    self.headers = headers
    self.limits = limits
    self.progress = progress
    self.gate = gate
  }

  /// It asks for the content only if that is another one than the client's (RFC 9110 section 13.1): it may be answered 304.
  var isConditional: Bool {
    headers.contains { name, _ in
      let name = name.lowercased()
      return name == "if-none-match" || name == "if-modified-since"
    }
  }

  /// It asks for a part of the content (RFC 9110 section 14.2).
  var asksForPart: Bool { headers.contains { name, _ in name.lowercased() == "range" } }

  static let robotsBytes = 500 << 10
}
