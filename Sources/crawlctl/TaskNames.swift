import ArgumentParser
import Control
import EventLoop

extension CompletionKind {
  /// The names of the tasks that the daemon has, whose socket is where crawlctl looks for it by itself; none without a daemon.
  static var tasks: CompletionKind { .custom { _, _, _ in taskNames() } }

  private static func taskNames() -> [String] {
    let path = ControlSocket.pathForClients()
    let names = try? Session.run { loop in
      try await loop.withTimeout(.seconds(1)) {
        try await ControlClient.connect(to: path, on: loop) { client in
          try await client.call(TaskList.self, PageParameters()).tasks.map(\.name)
        }
      }
    }
    return names ?? []
  }
}
