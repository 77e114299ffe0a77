import EventLoop
import Testing

extension EndToEndTests {
  /// What `scripts/bench` counts that does not drift, against its thresholds. The programs count themselves: linked into the
  /// tests, they would take over the heap and the files of all of them.
  @Suite struct Benchmarks {
    /// Runs a program, which is ended with all that it has started when it takes too long.
    private static func run(_ program: String, _ arguments: [String]) throws -> Ended {
      try EventLoop.run {
        guard let loop = EventLoop.current else { throw EventLoopError.closed }
        return try await loop.withTimeout(.seconds(300)) {
          try await loop.run(
            program, arguments, environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"], ownsGroup: true)
        }
      }
    }

    @Test(arguments: [
      ("eventloopbench", "memory bytes-per-sleeper"), ("parsebench", "link-allocations"),
      ("storebench", "bytes-per-known-url"), ("frontierbench", "bytes-per-known-url"),
    ])
    func countsKeepTheirThresholds(program: String, last: String) throws {
      let ended = try Self.run("\(Programs.directory)/\(program)", ["counts"])
      #expect(ended.code == 0, "\(ended)")
      #expect(ended.output.contains(last))
    }

    @Test func aCrawlKeepsItsThresholds() throws {
      let script = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/scripts/bench"
      let ended = try Self.run(script, ["crawl", "--quick", "--built", Programs.directory])
      #expect(ended.code == 0, "\(ended)")
      #expect(ended.output.contains("database-bytes-per-page"))
    }
  }
}
