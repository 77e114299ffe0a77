internal import EventLoop
internal import Logging

/// One process of a handler: call after call, until it fails or is not needed any more. It lives on the loop's thread.
final class HandlerProcess: ProcessProtocol, @unchecked Sendable {
  private let handler: Handler
  private let first: HandlerCall
  private(set) var hasStarted = false
  /// It ended by itself between two calls, not before it had answered one, or was told to.
  private(set) var isOrderly = false
  /// Calls so far, of which the last one that it was given has this number.
  private var number = 0
  private var answers = 0

  init(of handler: Handler, first: HandlerCall) {
    self.handler = handler
    self.first = first
  }

  /// - Throws: `HandlerFailure` and `CancellationError`, by which the process is ended.
  func run(_ process: ChildProcess) async throws {
    hasStarted = true
    handler.noteStart(process.id)
    defer { handler.noteEnd(process.id) }
    if let errors = process.standardError {
      handler.loop.startTask(name: "handler \(handler.program.name): standard error") { [log = handler.log] in
        await log.copy(errors)
      }
    }
    var next: HandlerCall? = first
    while let call = next {
      if process.exitStatus != nil {
        handler.putBack(call)
        // One that never answers is a failure, however it ends.
        if answers == 0 {
          let failure = HandlerFailure(.ended, "it ended before it was asked")
          handler.noteTrouble(failure)
          throw failure
        }
        isOrderly = true
        return
      }
      if !call.isOver { try await answer(call, process) }
      next = await handler.nextCall()
    }
    isOrderly = true
    try? process.pipe.closeWrite()
    _ = try await process.waitForExit()
  }

  private func answer(_ call: HandlerCall, _ process: ChildProcess) async throws {
    number += 1
    handler.noteBeginning()
    defer { handler.noteEnding() }
    do throws(NoAnswer) {
      let answer = try await answer(to: call.question, process)
      answers += 1
      handler.noteAnswer()
      call.end(.success(answer))
    } catch {
      guard case .failed(let failure) = error else {
        call.end(.failure(.stopped))
        throw CancellationError()
      }
      if failure.reason == .ended, answers > 0, !call.isRepeated, !call.isOver {
        // It may have ended between two calls, before that was known.
        call.isRepeated = true
        isOrderly = true
        handler.putBack(call)
        throw failure
      }
      handler.fail(call, failure)
      if !failure.isAnswer { throw failure }
      answers += 1
    }
  }

  private func answer(to question: HandlerQuestion, _ process: ChildProcess) async throws(NoAnswer) -> HandlerAnswer {
    let answer: HandlerAnswer?
    do {
      answer = try await exchange(question, process)
    } catch let failure as HandlerFailure {
      throw .failed(failure)
    } catch EventLoopError.timedOut(let limit) {
      throw .failed(HandlerFailure(.timeout, "no answer within \(limit)"))
    } catch EventLoopError.lineTooLong(let limit) {
      throw .failed(HandlerFailure(.tooLong, "an answer of more than \(limit) bytes"))
    } catch is EventLoopError {
      answer = nil
    } catch is CancellationError {
      throw .stopped
    } catch {
      throw .failed(HandlerFailure(.notStarted, "the call could not be made: \(error)"))
    }
    if let answer { return answer }
    throw .failed(await end(of: process))
  }

  /// Writes the question and reads what is answered to it; nil at the end of what the process writes.
  private func exchange(_ question: HandlerQuestion, _ process: ChildProcess) async throws -> HandlerAnswer? {
    let id = number
    let line = try await run(inThread: question.isLarge) { try question.line(id: id) }
    return try await handler.loop.withTimeout(handler.program.timeout) {
      try await process.pipe.write(line + [UInt8(ascii: "\n")])
      guard let answer = try await process.pipe.readLine(limit: Handler.longestAnswer) else {
        return HandlerAnswer?.none
      }
      return try await self.run(inThread: answer.count > HandlerQuestion.onLoop) {
        try question.answer(answer, id: id)
      }
    }
  }

  /// Runs on the loop also what may take long when no thread can be started.
  private func run<T: Sendable>(
    inThread isLarge: Bool, _ body: @escaping @Sendable () throws -> T
  ) async throws -> T {
    do { return try await handler.loop.run(inThread: isLarge, body) } catch is EventLoopError { return try body() }
  }

  /// How a process has ended that says nothing more.
  private func end(of process: ChildProcess) async -> HandlerFailure {
    let status = try? await handler.loop.withTimeout(.milliseconds(200)) { try await process.waitForExit() }
    return HandlerFailure(
      .ended, status.map { "\($0) before it answered" } ?? "it closed its output before it answered")
  }
}

/// What a handler writes to its standard error, and what is to say of it, in the daemon's log: at most
/// `HandlerLog.linesPerSecond` lines. It lives on the loop's thread.
final class HandlerLog: @unchecked Sendable {
  static let linesPerSecond = 10
  static let longestLine = 1_000

  private let name: String
  private let loop: EventLoop
  private let logger: Logger
  private var second: EventLoop.Instant
  private var lines = 0
  private var dropped = 0

  init(name: String, loop: EventLoop, logger: Logger) {
    self.name = name
    self.loop = loop
    self.logger = logger
    second = loop.now
  }

  func warning(_ text: String) { write(.warning, "handler \(name): \(text)") }

  func notice(_ text: String) { write(.notice, "handler \(name): \(text)") }

  private func write(_ level: Logger.Level, _ text: String) {
    if loop.now - second >= .seconds(1) {
      if dropped > 0 { logger.warning("handler \(name): \(dropped) more lines were left out") }
      (second, lines, dropped) = (loop.now, 0, 0)
    }
    lines += 1
    if lines > Self.linesPerSecond { dropped += 1 } else { logger.log(level: level, "\(text)") }
  }

  private var isFull: Bool { lines >= Self.linesPerSecond && loop.now - second < .seconds(1) }

  /// Reads until the end. A process that writes without end is read at a bounded rate.
  func copy(_ errors: Connection) async {
    var rest: [UInt8] = []
    while let bytes = try? await errors.read(upTo: 65_536), !bytes.isEmpty {
      if isFull {
        dropped += 1
        rest = []
        try? await loop.sleep(for: .milliseconds(10))
        continue
      }
      rest += bytes
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        say(rest[..<end])
        rest.removeFirst(end + 1)
        if isFull { break }
      }
      if rest.count > Self.longestLine {
        say(rest[...])
        rest = []
      }
    }
    if !rest.isEmpty { say(rest[...]) }
  }

  private func say(_ line: ArraySlice<UInt8>) {
    write(.warning, "handler \(name) says: \(String(decoding: line.prefix(Self.longestLine), as: UTF8.self))")
  }
}
