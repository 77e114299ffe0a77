import TestWeb
import Testing

@Suite struct RequestHeadTests {
  private func read(_ text: String) -> RequestHead.Reading { RequestHead.read(Array(text.utf8)[...]) }

  @Test func aHeadIsReadByteForByte() throws {
    let text = "GET /a/%?x=|y HTTP/1.1\r\nHost: H0.Test:8080\r\nAccept: */* \r\n\r\nrest"
    guard case .complete(let head, let length) = read(text) else {
      Issue.record("not complete")
      return
    }
    #expect(length == text.utf8.count - 4)
    #expect(head.target == "/a/%?x=|y")
    #expect(head.host == "h0.test")
    #expect(head.keepsAlive)
    #expect(head.value(of: "accept") == "*/*")
  }

  @Test func aHalfHeadIsIncomplete() {
    let text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    for length in 0..<text.utf8.count {
      #expect(RequestHead.read(Array(text.utf8.prefix(length))[...]) == .incomplete)
    }
  }

  @Test(arguments: [
    "GET /\r\n\r\n", "GET / HTTP/2\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
  ])
  func whatIsNoRequestIsMalformed(text: String) {
    #expect(read(text) == .malformed)
  }

  @Test func theHeadIsBounded() {
    let endless = Array("GET / HTTP/1.1\r\n".utf8) + [UInt8](repeating: 120, count: RequestHead.longest)
    #expect(RequestHead.read(endless[...]) == .malformed)
  }

  @Test(arguments: [("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false), ("HTTP/1.0", "", false)])
  func keepAliveFollowsTheVersionAndTheField(version: String, field: String, keepsAlive: Bool) {
    guard case .complete(let head, _) = read("GET / \(version)\r\n\(field)\r\n") else {
      Issue.record("not complete")
      return
    }
    #expect(head.keepsAlive == keepsAlive)
  }
}
