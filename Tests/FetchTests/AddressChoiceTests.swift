import EventLoop
import Fetch
import TestWeb
import Testing

/// Which addresses of a name are tried, and in which order.
@Suite struct AddressChoiceTests {
  private static let answer: Answer = { _, connection in
    try await connection.write(ok("hello", fields: ["Connection: close"]))
    connection.close()
  }

  @Test func `an address that was dead comes behind the others, and its time is that of connecting`() throws {
    let hosts = "127.0.0.9 half.example\n127.0.0.1 half.example\n"
    try Stage.run(hosts: hosts, answer: Self.answer) { stage in
      let deaf = DeafServer(address: 0x7F00_0009, port: stage.port)
      defer { withExtendedLifetime(deaf) {} }
      for number in 0..<4 {
        let request = stage.request("/\(number)", host: "half.example")
        request.limits.connect = .milliseconds(200)
        let response = await stage.fetcher.fetch(request)
        #expect(response.outcome == .ok && response.remoteAddress == "127.0.0.1")
        #expect(stage.statistics.connectionsMade == 2 + number)
        let timings = response.timings
        if number == 0 { #expect(timings.connect >= 200_000) }
        #expect(timings.total >= timings.queue + timings.dns + timings.connect + timings.firstByte)
      }
    }
  }

  @Test func `the next fetch begins with the addresses that the one before did not come to`() throws {
    let hosts = (11...15).map { "127.0.0.\($0) six.example\n" }.joined() + "127.0.0.1 six.example\n"
    try Stage.run(hosts: hosts, answer: Self.answer) { stage in
      for (made, outcome) in [(4, FetchOutcome.connectRefused), (6, .ok), (7, .ok)] {
        let response = await stage.fetcher.fetch(stage.request("/", host: "six.example"))
        #expect(response.outcome == outcome && stage.statistics.connectionsMade == made)
        #expect(response.timings.connect > 0)
      }
    }
  }

  @Test func `of addresses that are all dead each has its turn`() throws {
    let hosts = (11...16).map { "127.0.0.\($0) none.example\n" }.joined()
    try Stage.run(hosts: hosts) { stage in
      var last: [String] = []
      for _ in 0..<4 {
        let response = await stage.fetcher.fetch(stage.request("/", host: "none.example"))
        #expect(response.outcome == .connectRefused)
        last.append(response.remoteAddress ?? "")
      }
      #expect(last == ["127.0.0.14", "127.0.0.12", "127.0.0.16", "127.0.0.14"])
    }
  }
}
