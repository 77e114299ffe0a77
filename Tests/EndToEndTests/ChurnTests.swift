import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// Hours of users who do everything: what the daemon takes of the machine stays what it is.
  @Suite struct LongChurn {
    private static let seconds = Soak.number("LONG_SECONDS", usual: 0)

    /// `scripts/soak long` has half an hour of it, and looks at the slope of the memory.
    @Test func nothingGrows() throws {
      let site = Site(hosts: 6, pages: 400)
      try Stage.play(site, limit: .seconds(180 + 2 * Self.seconds)) { stage in
        try stage.configure("[store]\ncheckpoint = \"1MiB\"\n" + CrawlMix.configuration(stage))
        let (_, status) = try await stage.withDaemon { daemon in
          let churn = Churn(stage, daemon, seed: Soak.number("SEED", usual: 1))
          // Threads, connections to the database and buffers are made when they are first needed.
          try await churn.begin()
          if Self.seconds > 0 { try await churn.fillCaches(site) }
          for _ in 0..<(Self.seconds == 0 ? 40 : 500) { try await churn.step() }
          try await churn.rest()
          try await churn.sample()
          let before = await churn.samples[await churn.samples.count - 1]
          if Self.seconds == 0 {
            for _ in 0..<120 { try await churn.step() }
            try await churn.sample()
          } else {
            try await Self.goOn(churn, stage)
          }
          // Nobody is crawling any more: what is there is what was there.
          try await churn.rest()
          try await churn.sample()
          let samples = await churn.samples
          let after = samples[samples.count - 1]
          #expect(after.coroutines <= before.coroutines, "\(before) \(after)")
          // Four readers of the database have two each; the last of them comes when so many read at once.
          #expect(abs(after.descriptors - before.descriptors) <= (Self.seconds == 0 ? 8 : 5), "\(before) \(after)")
          #expect(after.footprint.threads == before.footprint.threads)
          #expect(samples.allSatisfy { $0.footprint.threads == before.footprint.threads })
          #expect(samples.allSatisfy { $0.logBytes < 128 << 20 })
          #expect(after.footprint.bytes < before.footprint.bytes + 64 << 20, "\(before) \(after)")
          for table in [
            "tasks", "urls", "fetches", "pages", "links", "cookies", "bodies", "page_texts", "page_search_docsize",
            "handler_verdicts", "handler_failures",
          ] {
            #expect(try stage.number("SELECT count(*) FROM \(table)") == 0, "rows of \(table) are left")
          }
          try await Self.judge(churn, after)
        }
        #expect(status.isSuccess)
        try await stage.expectSound()
      }
    }

    /// For so many seconds, a step every fifth of one, with a sample each; the doctor looks now and then.
    private static func goOn(_ churn: Churn, _ stage: Stage) async throws {
      let end = Instant.monotonicNow + .seconds(seconds)
      var number = 0
      while Instant.monotonicNow < end {
        try await churn.step()
        try await churn.sample()
        try await stage.loop.sleep(for: .milliseconds(200))
        number += 1
        if number % 500 == 0 { try await stage.control("doctor") }
      }
    }

    private static func judge(_ churn: Churn, _ last: Churn.Sample) async throws {
      guard seconds > 0 else { return }
      let (samples, steps) = (await churn.samples, await churn.steps)
      let growth = try #require(await churn.growth, "too few minutes for a line")
      let memory = samples.map(\.footprint.bytes)
      Soak.say(
        "\(steps.values.reduce(0, +)) steps in \(seconds) s: memory grows by \(Int(growth.slope / 1_024)) KiB per hour "
          + "(standard error \(Int(growth.standardError / 1_024)) KiB), at most \((memory.max() ?? 0) >> 20) MiB; "
          + "\(last.descriptors) descriptors, \(last.footprint.threads) threads and "
          + "\(last.coroutines) coroutines at the end as at the beginning; the write-ahead log had at most "
          + "\((samples.map(\.logBytes).max() ?? 0) >> 10) KiB")
      Soak.say(steps.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
      // Of half an hour the error is some 2 MiB per hour, of a night some KiB.
      #expect(growth.standardError < 4 * 1_048_576, "what scatters so much tells nothing: \(growth)")
      #expect(growth.slope - 2 * growth.standardError < 1_048_576, "bytes of memory per hour: \(growth)")
    }
  }
}
