import EventLoop
import Testing

extension EndToEndTests {
  /// The counts of `scripts/bench event-loop`, taken by the program itself: linked into the tests, it would take over
  /// the heap of all of them.
  @Suite struct EventLoopBenchmark {
    @Test func countsPerOperationKeepTheirThresholds() throws {
      let ended = try EventLoop.run {
        try await EventLoop.current!.run("\(Programs.directory)/eventloopbench", ["counts"])
      }
      #expect(ended.code == 0, "\(ended)")
      #expect(ended.output.contains("memory bytes-per-sleeper"))
    }
  }
}
