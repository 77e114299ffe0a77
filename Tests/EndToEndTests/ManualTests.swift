import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// The manual pages that `scripts/manual` makes of what the programs say of themselves.
  @Suite struct Manuals {
    @Test func everyVerbHasAPageWithItsOptions() throws {
      try Stage.play { stage in
        let script = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/scripts/manual_pages.py"
        let made = try await stage.loop.run(
          "/usr/bin/env", ["python3", script, stage.directory, "8:\(Programs.crawld)", "1:\(Programs.crawlctl)"])
        #expect(made.code == 0, "\(made)")
        func page(_ name: String) -> String { TextFile.read("\(stage.directory)/\(name)") ?? "" }
        let overview = page("man1/crawlctl.1")
        for verb in ["add", "run", "set", "diff", "search", "shapes", "completions"] {
          #expect(overview.contains("\\fBcrawlctl\\-\(verb)\\fR(1)"), "\(verb)")
          #expect(page("man1/crawlctl-\(verb).1").contains(".SH SYNOPSIS\n\\fBcrawlctl \(verb)\\fR"), "\(verb)")
        }
        #expect(page("man1/crawlctl-add.1").contains("\\fB\\-\\-every\\fR \\fIduration\\fR"))
        #expect(overview.contains("Exit codes: 0 ok"))
        #expect(page("man8/crawld.8").contains("\\fB\\-\\-allow\\-network\\fR"))
        #expect(page("man8/crawld.8").contains(".SH SYNOPSIS\n\\fBcrawld\\fR [\\fIoptions\\fR]"))
        // No line is taken for a request that is none.
        let requests = [".TH", ".SH", ".PP", ".TP", ".IP", ".nf", ".fi"]
        let strange = page("man1/crawlctl-set.1").split(separator: "\n").filter { line in
          line.hasPrefix(".") && !requests.contains { line.hasPrefix($0) }
        }
        #expect(strange.isEmpty, "\(strange)")
      }
    }

    /// The README has every column of the database, as `query --schema` explains it.
    @Test func theDataDictionaryOfTheReadMeIsThatOfTheDatabase() throws {
      try Stage.play { stage in
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        try await stage.withDaemon { _ in
          let checked = try await stage.loop.run(
            "/usr/bin/env",
            [
              "python3", "\(root)/scripts/data_dictionary.py", "--check", "\(root)/README.md", Programs.crawlctl,
              stage.database,
            ])
          #expect(checked.code == 0, "\(checked)")
        }
      }
    }
  }
}
