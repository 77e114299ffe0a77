import EventLoop
import Fetch
import TestWeb
import Testing
import WebURL

/// libcurl's handles serve one fetch after another: nothing of one is taken for another's.
@Suite struct HandleTests {
  @Test func `a kept connection that the server had closed is one however often that was so before`() throws {
    let answer: Answer = { request, connection in
      if request.target == "/closed" { return connection.close() }
      try await connection.write(ok("hello"))
    }
    try Stage.run(answer: answer) { stage in
      for _ in 0..<12 {
        #expect(await stage.fetch().outcome == .ok)
        let response = await stage.fetch("/closed")
        #expect(response.outcome == .reset && response.isUntaken && !response.isRefused, "\(response.error ?? "")")
        #expect(response.error == "the server had closed the kept connection")
      }
      #expect(stage.server.connections == 12 && stage.server.requests.count == 24)
    }
  }

  @Test func `a record that can't be decrypted is no reset, though the system spoke of one before`() throws {
    let spoiler = Spoiler()
    let answer: Answer = { request, connection in
      if request.target == "/reset" { return connection.abort() }
      spoiler.spoils = true
      try await connection.write(ok("hello"))
    }
    try Stage.runSecure(answer: answer) { stage in
      spoiler.server = .ipv4(address: 0x7F00_0002, port: stage.port)
      let listener = try await stage.loop.listen(on: .loopback(), spoiler)
      let port = try #require(listener.address.port)
      for _ in 0..<2 {
        spoiler.spoils = false
        let response = await stage.fetch {
          $0.url = WebURL("https://127.0.0.1:\(port)/")!
          $0.route = FetchRoute(verifiesTLS: false)
        }
        #expect(response.outcome == .protocolError && response.requestSent, "\(response.error ?? "")")
        let reset = await stage.fetch("/reset")
        #expect(reset.outcome == .reset && !reset.isUntaken, "\(reset.error ?? "")")
      }
      await listener.closeAll()
    }
  }
}

/// Hands bytes through to a server and back. While it spoils, it changes the last byte of each block that comes back.
/// Confined to the loop of its test.
private final class Spoiler: ServerProtocol, @unchecked Sendable {
  var server: SocketAddress?
  var spoils = false

  func serve(_ connection: Connection) async throws {
    guard let server else { return }
    let behind = try await EventLoop.current!.connect(to: server)
    await withTaskGroup(of: Void.self) { group in
      for (source, target) in [(connection, behind), (behind, connection)] {
        group.addTask {
          while var block = try? await source.read(upTo: 65_536), !block.isEmpty {
            if self.spoils, source === behind { block[block.count - 1] ^= 1 }
            guard (try? await target.write(block)) != nil else { return }
          }
        }
      }
      await group.next()
      group.cancelAll()
    }
    behind.close()
  }
}
