import EventLoop
import Testing

extension EndToEndTests {
  /// What `scripts/bench` counts that does not drift, against its thresholds. The programs count themselves: linked into the
  /// tests, they would take over the heap and the files of all of them.
  @Suite struct Benchmarks {
    @Test(arguments: [
      ("eventloopbench", "memory bytes-per-sleeper"), ("parsebench", "link-allocations"),
      ("storebench", "bytes-per-known-url"), ("frontierbench", "bytes-per-known-url"),
    ])
    func countsKeepTheirThresholds(program: String, last: String) throws {
      let ended = try EventLoop.run {
        try await EventLoop.current!.run("\(Programs.directory)/\(program)", ["counts"])
      }
      #expect(ended.code == 0, "\(ended)")
      #expect(ended.output.contains(last))
    }

    @Test func aCrawlKeepsItsThresholds() throws {
      let script = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/scripts/bench"
      let ended = try EventLoop.run {
        try await EventLoop.current!.run(
          script, ["crawl", "--quick", "--built", Programs.directory],
          environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
      }
      #expect(ended.code == 0, "\(ended)")
      #expect(ended.output.contains("database-bytes-per-page"))
    }
  }
}
