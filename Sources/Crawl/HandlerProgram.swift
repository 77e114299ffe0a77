internal import EventLoop

/// A handler: a program of the user's that tasks choose by its name, and how it is run. The daemon's configuration has it,
/// no client does.
package struct HandlerProgram: Sendable {
  /// What it is asked.
  package enum Kind: String, CaseIterable, Sendable {
    /// Which of the URLs that a visit found are offered, and as what.
    case filterURL = "filter-url"
    /// What is to be stored with a page, and offered beside its links.
    case onPage = "on-page"
    /// Nothing: it is told that a task has ended.
    case onTaskDone = "on-task-done"
  }

  /// What becomes of the URLs when a call of `filter-url` fails.
  package enum Fallback: String, CaseIterable, Sendable {
    case keep, drop
  }

  package var name: String
  /// An absolute path.
  package var program: String
  package var arguments: [String] = []
  package var kinds: Set<Kind> = []
  /// What one call may take, from its line's first byte to the answer's last.
  package var timeout = Duration.seconds(10)
  /// Processes at once, each with one call at a time.
  package var processes = 1
  /// Fetches in flight and visits that wait for handlers, of one task; above no fetch of it starts.
  package var maxWaiting = 256
  /// Bytes of what visits hold that wait for handlers, of one task; above no fetch of it starts.
  package var maxWaitingBytes = 64 << 20
  package var onFailure = Fallback.keep
  /// Bytes of a page's visible text, and of its HTML, that `on-page` is told; 0: none.
  package var textBytes = 0
  package var htmlBytes = 0
  /// Bytes of the fields that `on-page` may answer, as compact JSON.
  package var fieldBytes = 64 << 10
  /// Variables of its environment: it gets no others, since the daemon's may hold secrets.
  package var environment: [String: String] = [:]

  package init(name: String, program: String) {
    self.name = name
    self.program = program
  }

  var command: Command {
    var command = Command(program, arguments)
    command.inheritsEnvironment = false
    command.environment = environment
    command.standardError = .pipe
    command.ownsGroup = true
    command.pipeEndsWithProcess = true
    command.endsWithParent = true
    command.grace = .seconds(1)
    return command
  }
}

/// Why a call brought no answer: the closed vocabulary of `handler_failures.reason`, and what there is to say beyond it.
struct HandlerFailure: Error, Equatable {
  enum Reason: String, CaseIterable {
    /// No answer within the handler's `timeout`.
    case timeout
    /// The program ended, or closed its output, before it answered.
    case ended
    /// The answer's line is longer than `Handler.longestAnswer`.
    case tooLong = "too_long"
    /// What it answered is no answer.
    case invalid
    /// It answered that it can't: `{"id":1,"error":"…"}`.
    case error
    /// The program could not be started, or the call not be made.
    case notStarted = "not_started"
    /// It has failed several times in a row and is not started again yet.
    case unavailable
  }

  var reason: Reason
  var detail: String

  init(_ reason: Reason, _ detail: String) {
    self.reason = reason
    self.detail = String(decoding: detail.utf8.prefix(1_000), as: UTF8.self)
  }

  /// The process goes on: all others end it, since what it says next could belong to this call.
  var isAnswer: Bool { reason == .error }
}

/// Why whoever asked a handler has no answer.
enum NoAnswer: Error {
  case failed(HandlerFailure)
  /// The caller was cancelled, or the handler stopped: nothing is said of the call.
  case stopped
}
