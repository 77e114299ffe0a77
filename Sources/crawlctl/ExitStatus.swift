package import ArgumentParser
package import Control
import EventLoop
import Glibc
import Store
import Units

/// What a verb ended as: the exit codes of `crawlctl`, which scripts may rely on.
package enum ExitStatus: Int32, Sendable {
  case ok = 0
  case failed = 1
  case usage = 2
  case unreachable = 3
  case notFound = 4
  case refused = 5
  case timedOut = 6
  case permission = 7
  case someFailed = 8
  // Of `run` and `wait`:
  /// No seed answered.
  case taskFailed = 10
  case taskPaused = 11
  case taskCancelled = 12
  case quotaReached = 13
  case detached = 130

  func exit() -> Never {
    Glibc.exit(rawValue)
  }

  /// What several of a kind come to: their common status, or that some failed.
  package static func joined(_ statuses: [ExitStatus]) -> ExitStatus {
    guard let first = statuses.first else { return .ok }
    return statuses.allSatisfy { $0 == first } ? first : .someFailed
  }

  /// What a task has come to, for `run` and `wait`. Reaching `goal` is success.
  package static func of(_ task: TaskReport, goal: TaskWait.Goal = .done) -> ExitStatus {
    switch task.state {
    case "failed": .taskFailed
    case "cancelled", "cancelling", "removing": .taskCancelled
    case "paused", "pausing":
      if goal == .paused {
        .ok
      } else if task.reason?.hasPrefix("quota_") == true {
        .quotaReached
      } else {
        .taskPaused
      }
    default: .ok
    }
  }
}

/// The end of a verb that did not succeed: the exit code and one line for stderr, which may have been said already.
package struct Failure: Error, Equatable {
  package var status: ExitStatus
  package var message: String?
  /// Help that was asked for, for stdout.
  package var help: String?

  package init(_ status: ExitStatus, _ message: String? = nil) {
    self.status = status
    self.message = message
  }

  /// Brings every error to a status and one line.
  ///
  /// - Parameter columns: how wide a help that was asked for may be; nil: as wide as the terminal.
  /// - Parameter verb: as `help` takes it.
  package init(_ error: any Error, in command: any ParsableCommand.Type, columns: Int? = nil, verb: String = "VERB") {
    switch error {
    case let failure as Failure:
      self = failure
    case let error as ControlError:
      self.init(ExitStatus(rawValue: error.exitCode) ?? .failed, "crawlctl: \(error.message)")
    case let error as UnitsError:
      self.init(.usage, "crawlctl: \(error)")
    case let error as QueryError:
      self.init(error)
    case let error as EventLoopError:
      self.init(.failed, "crawlctl: \(error)")
    default:
      let code = command.exitCode(for: error)
      if code == .success {
        self.init(.ok)
        help = command.fullMessage(for: error, columns: columns) + "\n"
      } else if code == .validationFailure {
        let text = command.message(for: error).split(separator: "\n").joined(separator: " ")
        self.init(.usage, "crawlctl: \(text) (crawlctl help \(verb) tells what is accepted)")
      } else {
        self.init(.failed, "crawlctl: \(command.message(for: error))")
      }
    }
  }

  private init(_ error: QueryError) {
    let status: ExitStatus =
      switch error {
      case .refused, .missingParameter, .unusedParameter: .usage
      case .timedOut, .lastedTooLong: .timedOut
      case .file, .statement, .tooLong: .failed
      }
    var sentence = "crawlctl: \(error)"
    if case .statement(let cause) = error, cause.message.hasPrefix("no such ") {
      sentence += "; crawlctl query --schema shows what there is"
    }
    self.init(status, sentence)
  }
}
