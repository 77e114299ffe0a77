import EventLoop

extension TestWeb {
  /// The doors for whoever has no reference to this actor; they are not in the log.
  ///
  ///     /_log      the log as tab-separated values     /_release  lets held requests go on
  ///     /_stats    `RequestLog.Statistics` as JSON      /_reset    forgets the log
  ///     /_ping     answers, and that is all
  func control(_ head: RequestHead) -> Response? {
    guard head.target.hasPrefix("/_") else { return nil }
    switch head.target {
    case "/_log": return .text(log.entries.map { $0.line + "\n" }.joined())
    case "/_stats": return Response(fields: ["Content-Type: application/json"], body: Array(log.statistics().json.utf8))
    case "/_release":
      release()
      return .text("released\n")
    case "/_reset":
      resetLog()
      return .text("reset\n")
    case "/_ping": return .text("here\n")
    default: return nil
    }
  }

  /// Returns when all that clients had sent before is in the log, theirs too who have gone meanwhile: it comes in before
  /// what this sends after it.
  package func settle() async throws {
    for _ in 0..<3 { try await loop.connect(to: .ipv4(address: 0x7F00_0901, port: site.port), Ping()) }
  }

  /// Notes from now on when this loop stands still.
  package func watchStalls() {
    stallWatch?.cancel()
    watchStalls(since: .monotonicNow)
  }

  private func watchStalls(since last: Instant) {
    let interval = Duration.milliseconds(2)
    stallWatch = loop.callLater(interval) {
      self.assumeIsolated { web in
        let now = Instant.monotonicNow
        if now - last > .milliseconds(5) { web.stalls.append(last..<now) }
        web.watchStalls(since: now)
      }
    }
  }
}

private struct Ping: ClientProtocol {
  func run(_ connection: Connection) async throws {
    try await connection.write(Array("GET /_ping HTTP/1.1\r\nHost: h0.test\r\nConnection: close\r\n\r\n".utf8))
    while try await !connection.read(upTo: 4_096).isEmpty {}
  }
}
