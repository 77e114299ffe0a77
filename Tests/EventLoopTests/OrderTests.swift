import EventLoop
import Testing

/// What ran, in order. Confined to the loop of its test.
final class Trace: @unchecked Sendable {
  var lines: [String] = []
  func note(_ line: String) { lines.append(line) }
}

@Suite struct OrderTests {
  @Test func `a coroutine awaits a coroutine in a known order`() throws {
    let trace = Trace()
    try EventLoop.run {
      let loop = EventLoop.current!
      @Sendable func cor2() async { trace.note("cor2") }
      @Sendable func cor1() async {
        trace.note("cor1 start")
        await cor2()
        trace.note("cor1 end")
      }
      loop.callSoon { trace.note("soon") }
      await cor1()
      try await loop.sleep(for: .zero)
    }
    #expect(trace.lines == ["cor1 start", "cor2", "cor1 end", "soon"])
  }
}
