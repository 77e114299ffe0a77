import CLinux
import Glibc

/// What runs while a child process lives.
public protocol ProcessProtocol {
  associatedtype Output
  /// Talks to the child. When it returns, the pipes are closed and the child's end is awaited; when it throws or the
  /// coroutine is cancelled, the child is ended (SIGTERM, then after the command's grace SIGKILL).
  func run(_ process: ChildProcess) async throws -> Output
}

/// A child process, from its start until its exit status is known. Belongs to the loop's thread.
public final class ChildProcess: @unchecked Sendable {
  private enum State {
    case running(Watch)
    case ended(ExitStatus)
    /// Somebody else in this process has taken the exit status.
    case lost(EventLoopError)
  }

  /// The process id; after the end it may belong to another process.
  public let id: Int32
  /// Reads what the child writes to its standard output and writes to its standard input, as far as they are pipes.
  public let pipe: Connection
  /// Reads what the child writes to its standard error; nil unless that is a pipe.
  public let standardError: Connection?

  private let loop: EventLoop
  private let command: Command
  private let descriptor: Int32
  private var state: State!
  private var waiters = Fifo<Waiter>()

  init(_ command: Command, loop: EventLoop) throws(EventLoopError) {
    self.loop = loop
    self.command = command
    clinux_keep_exit_statuses()
    var pipes = try ProcessPipes(command)
    do {
      id = try command.start(streams: pipes.childStreams)
    } catch {
      pipes.closeAll()
      throw error
    }
    pipes.closeChildEnds()
    let opened = clinux_pidfd_open(id)
    guard opened >= 0 else {
      pipes.closeAll()
      Self.endUnwatched(id, ownsGroup: command.ownsGroup)
      throw .system(call: "pidfd_open", code: -opened)
    }
    descriptor = opened
    pipe = Connection(input: pipes.output, output: pipes.input, loop: loop)
    standardError = pipes.error.map { Connection(input: $0, output: nil, loop: loop) }
    do {
      state = .running(try loop.watch(descriptor, for: .readable) { [unowned(unsafe) self] _ in reap() })
    } catch {
      Self.endUnwatched(id, ownsGroup: command.ownsGroup)
      _ = Glibc.close(descriptor)
      throw error
    }
  }

  deinit {
    guard case .running(let watch) = state else { return }
    watch.cancel()
    _ = Glibc.close(descriptor)
  }

  /// Nil while the process runs.
  public var exitStatus: ExitStatus? {
    if case .ended(let status) = state { status } else { nil }
  }

  /// Sends a signal to the process, or to its group when it owns one. Without effect after its end.
  ///
  /// - Throws: `EventLoopError.system` (EPERM, EINVAL).
  public func send(signal: Int32) throws(EventLoopError) {
    guard case .running = state else { return }
    // The id is still ours: nobody has reaped the process.
    let result = command.ownsGroup ? (kill(-id, signal) == 0 ? 0 : -errno) : clinux_pidfd_signal(descriptor, signal)
    if result != -ESRCH { try EventLoopError.check("kill", result) }
  }

  /// Suspends the current coroutine until the process has ended. Cancelling it leaves the process alone.
  public func waitForExit() async throws -> ExitStatus {
    while true {
      switch state! {
      case .ended(let status): return status
      case .lost(let error): throw error
      case .running: try await loop.wait(for: newWaiter())
      }
    }
  }

  /// Ends the process: SIGTERM, and SIGKILL when it has not ended within the command's grace. Not cancellable.
  ///
  /// - Throws: `EventLoopError.system` when the process may not be signalled, or its status was lost.
  @discardableResult
  public func terminate() async throws -> ExitStatus {
    try send(signal: SIGTERM)
    let kill = loop.callLater(command.grace) { [self] in
      // A process that cannot be killed is one that has just ended; its status follows.
      try? send(signal: SIGKILL)
    }
    defer { kill.cancel() }
    while true {
      switch state! {
      case .ended(let status): return status
      case .lost(let error): throw error
      case .running: await loop.waitUninterrupted(for: newWaiter())
      }
    }
  }

  private func newWaiter() -> Waiter {
    let waiter = Waiter(.process(id), loop: loop)
    waiters.append(waiter) { $0.isCancelled }
    return waiter
  }

  func closePipes() {
    pipe.close()
    standardError?.close()
  }

  private func reap() {
    guard case .running(let watch) = state else { return }
    // Before the leader's id is free for others: what is left of its group ends with it.
    if command.ownsGroup, clinux_has_ended(descriptor) == 1 { kill(-id, SIGKILL) }
    var exit = clinux_exit()
    let result = clinux_reap(descriptor, &exit)
    switch result {
    case 0: return
    case 1...:
      state = .ended(
        exit.exited
          ? .exited(code: exit.status) : .signalled(number: exit.status, dumpedCore: exit.dumped_core))
    default: state = .lost(.system(call: "waitid", code: -result))
    }
    watch.cancel()
    _ = Glibc.close(descriptor)
    if command.pipeEndsWithProcess { pipe.endWithPeer() }
    while let waiter = waiters.popFirst() { waiter.wake() }
  }

  /// Ends a process that could not be watched because the process table or the descriptors are full.
  private static func endUnwatched(_ id: pid_t, ownsGroup: Bool) {
    kill(ownsGroup ? -id : id, SIGKILL)
    while waitpid(id, nil, 0) < 0, errno == EINTR {}
  }
}

extension EventLoop {
  /// Starts a program, runs the protocol with it in the current coroutine, and awaits the program's end.
  ///
  /// The program is never left behind: see `ProcessProtocol.run`. The exception is one that this process may not signal, such
  /// as one that has changed its user: when the protocol fails, it goes on. With a virtual clock, the grace passes at once.
  /// SIGCHLD, when it is ignored, is set to its default, without which no exit status can be known.
  ///
  /// - Throws: what the protocol throws; `EventLoopError.programNotFound`; `.system`; `CancellationError`.
  public nonisolated(nonsending) func spawn<P: ProcessProtocol>(
    _ command: Command, _ proto: P
  ) async throws -> (P.Output, ExitStatus) {
    checkCoroutine()
    let process = try ChildProcess(command, loop: self)
    do {
      let output = try await proto.run(process)
      process.closePipes()
      return (output, try await process.waitForExit())
    } catch {
      process.closePipes()
      // What has gone wrong first is what the caller has to know.
      _ = try? await process.terminate()
      throw error
    }
  }
}
