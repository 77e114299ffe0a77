import CLinux

extension EventLoop: SerialExecutor, TaskExecutor {
  /// Appends a job; on the loop's thread without lock or system call, from another thread with a wake-up.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isCurrent {
      ready.append(.job(job))
    } else {
      let accepted = foreign.append(.job(job))
      mustHold(accepted, "a coroutine was resumed on an event loop that is closed")
    }
  }

  public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  public func asUnownedTaskExecutor() -> UnownedTaskExecutor {
    UnownedTaskExecutor(ordinary: self)
  }

  /// SE-0471: lets `assumeIsolated` work in a plain callback of the loop, where no job runs.
  public func isIsolatingCurrentContext() -> Bool? {
    isCurrent
  }

  public func checkIsolated() {
    mustHold(isCurrent, "this code must run on its event loop's thread")
  }
}
