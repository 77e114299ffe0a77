/// How many URLs of a task have one fate for one reason.
package struct ReasonCount: Sendable, Equatable {
  package var state: URLState
  package var reason: String?
  package var count: Int

  package init(state: URLState, reason: String?, count: Int) {
    self.state = state
    self.reason = reason
    self.count = count
  }
}

extension ReasonCount {
  /// All attempts ended in an error of the server, which is then the URLs' final answer.
  package var isServersError: Bool { state == .done && (reason == "server_error" || reason == "rate_limited") }
}
