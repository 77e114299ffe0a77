import EventLoop
import Glibc

/// A socket on which a service says that it is ready, and that it stops, as sd_notify(3) describes it.
actor ReadyNotice: LoopActor {
  nonisolated let loop: EventLoop
  nonisolated let path: String
  private nonisolated let descriptor: Int32
  private var said: Set<Substring> = []
  private var waiter: CheckedContinuation<Void, Never>?

  init(directory: String, loop: EventLoop) throws {
    self.loop = loop
    path = "\(directory)/notify"
    unlink(path)
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    descriptor = socket(AF_UNIX, type, 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard descriptor >= 0, bytes.count < 108 else { throw EventLoopError.system(call: "socket", code: errno) }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0 else { throw EventLoopError.system(call: "bind \(path)", code: errno) }
  }

  deinit {
    close(descriptor)
  }

  /// Returns when the service has said this; throws `NotReady` when the process ends before.
  func wait(for process: ChildProcess, toSay notice: String = "READY=1") async throws {
    let watch = try loop.watch(descriptor, for: .readable) { [weak self] _ in
      self?.assumeIsolated { $0.receive() }
    }
    defer { watch.cancel() }
    let status = try await withThrowingTaskGroup(of: ExitStatus?.self) { group in
      group.addTask {
        await self.hear(notice)
        return nil
      }
      group.addTask { try await process.waitForExit() }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
    if let status { throw NotReady(status: status) }
    try Task.checkCancellation()
  }

  /// It is to be said again.
  func forget(_ notice: String) { said.remove(Substring(notice)) }

  private func hear(_ notice: String) async {
    while !said.contains(Substring(notice)), !Task.isCancelled {
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          if said.contains(Substring(notice)) || Task.isCancelled {
            continuation.resume()
          } else {
            waiter = continuation
          }
        }
      } onCancel: {
        loop.callSoonThreadSafe { self.assumeIsolated { $0.wake() } }
      }
    }
  }

  private func receive() {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      said.formUnion(String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: "\n"))
      wake()
    }
  }

  private func wake() {
    waiter?.resume()
    waiter = nil
  }
}
