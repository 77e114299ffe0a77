import Control
import EventLoop

/// One run of the event loop for one verb.
enum Session {
  /// Runs a coroutine on a loop of its own, on this thread, until it is done.
  static func run<T: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> T) throws -> T {
    try EventLoop.run {
      guard let loop = EventLoop.current else { throw EventLoopError.stopped }
      return try await body(loop)
    }
  }

  /// Connects to the daemon and asks one question.
  static func ask<M: ControlMethod>(
    _ method: M.Type, _ parameters: M.Parameters, _ options: DaemonOptions
  ) throws -> M.Result {
    let path = options.path
    return try run { loop in
      try await ControlClient.connect(to: path, on: loop) { try await $0.call(method, parameters) }
    }
  }

  /// All rows of a list: its pages one after another until `next` finds no cursor.
  static func pages<M: ControlMethod>(
    _ method: M.Type, _ options: DaemonOptions, _ parameters: @escaping @Sendable (String?) -> M.Parameters,
    next: @escaping @Sendable (M.Result) -> String?
  ) throws -> [M.Result] {
    let path = options.path
    return try run { loop in
      try await ControlClient.connect(to: path, on: loop) { client in
        var pages: [M.Result] = []
        var cursor: String?
        repeat {
          let page = try await client.call(method, parameters(cursor))
          cursor = next(page)
          pages.append(page)
        } while cursor != nil
        return pages
      }
    }
  }
}
