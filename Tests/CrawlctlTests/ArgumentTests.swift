import ArgumentParser
import Control
import Store
import Testing
import crawlctl

/// What the command line turns into.
struct ArgumentTests {
  @Test func everyFlagIsASetting() throws {
    let add = try #require(
      try Crawlctl.parseAsRoot([
        "add", "http://a/", "http://b/", "--name", "n", "--paused", "--client-key", "k", "--scope", "domain",
        "--include", "x/**", "--include", "y", "--exclude", "z", "--follow", "a,area", "--follow", "img",
        "--nofollow", "obey", "--depth", "3", "--max-pages", "10", "--max-bytes", "1MiB", "--max-time", "1h", "--every",
        "6h", "--keep-last", "4",
        "--concurrency", "2", "--delay", "500ms", "--rate", "2.5", "--robots", "ignore", "--priority", "9",
        "--max-in-flight", "7", "--store", "text", "--traps", "off", "--host-budget", "100", "--pattern-budget", "5",
        "--drop-parameter", "utm_*", "--drop-parameter", "sid", "--keep-parameter", "id", "--sort-query", "on",
        "--lower-case-path", "off",
      ]) as? Add)
    let expected = TaskAdd.Parameters(
      seeds: ["http://a/", "http://b/"], name: "n",
      settings: [
        "scope": .text("domain"), "include": .list(["x/**", "y"]), "exclude": .list(["z"]),
        "follow": .text("a,area,img"), "nofollow": .text("obey"), "max_depth": .text("3"), "max_pages": .text("10"),
        "max_bytes": .text("1MiB"), "max_time": .text("1h"), "every": .text("6h"), "keep_last": .text("4"),
        "concurrency": .text("2"),
        "delay": .text("500ms"),
        "rate": .text("2.5"), "robots": .text("ignore"), "priority": .text("9"), "max_in_flight": .text("7"),
        "store": .text("text"), "traps": .text("off"), "host_budget": .text("100"), "pattern_budget": .text("5"),
        "drop_parameters": .list(["utm_*", "sid"]), "keep_parameters": .list(["id"]), "sort_query": .text("on"),
        "lower_case_path": .text("off"),
      ],
      paused: true, clientKey: "k")
    #expect(add.task.parameters() == expected)
  }

  @Test func whatIsNotGivenIsLeftToTheDaemon() throws {
    let run = try #require(try Crawlctl.parseAsRoot(["run", "http://a/"]) as? Run)
    #expect(run.task.parameters() == TaskAdd.Parameters(seeds: ["http://a/"]))
  }

  @Test func aRecrawlNeedsNoURL() throws {
    let add = try #require(try Crawlctl.parseAsRoot(["add", "--recrawl", "docs"]) as? Add)
    #expect(add.task.parameters() == TaskAdd.Parameters(seeds: [], recrawl: "docs"))
    let part = try #require(try Crawlctl.parseAsRoot(["add", "--recrawl", "docs", "http://a/"]) as? Add)
    #expect(part.task.parameters() == TaskAdd.Parameters(seeds: ["http://a/"], recrawl: "docs"))
    #expect(throws: (any Error).self) { try Crawlctl.parseAsRoot(["add", "--name", "docs"]) }
  }

  @Test func seedsOfAFile() {
    let text = "http://a/\n\n  http://b/ \t\r\n# comment\n   # another\n\u{2028}http://c/"
    #expect(TaskOptions.seeds(inLines: text) == ["http://a/", "http://b/", "http://c/"])
    #expect(TaskOptions.seeds(inLines: "") == [])
    #expect(TaskOptions.seeds(inLines: "\n \n\t\n") == [])
  }

  @Test func aNegativeNumberIsAValue() throws {
    let add = try #require(try Crawlctl.parseAsRoot(["add", "http://a/", "--depth", "-1", "--delay", "-1s"]) as? Add)
    #expect(add.task.parameters().settings == ["max_depth": .text("-1"), "delay": .text("-1s")])
  }

  @Test(arguments: [
    (["lss"], "no verb “lss”; did you mean “ls”?"), (["help", "nonsense"], "no verb “nonsense” ("),
    (["unblok", "h"], "did you mean “unblock”?"), (["wiat"], "did you mean “wait”?"),
    (["check", "robot"], "no kind “robot”; did you mean “robots”?"), (["help", "check", "x"], "no kind “x” ("),
  ])
  func aVerbThatIsNone(arguments: [String], words: String) {
    let failure = Crawlctl.unknownVerb(in: arguments)
    #expect(failure?.status == .usage && failure?.message?.contains(words) == true, "\(failure as Any)")
  }

  @Test(arguments: [
    [], ["ls"], ["help"], ["check"], ["check", "url"], ["check", "--help"], ["help", "check", "url"], ["help", "ls"],
    ["--help"], ["--version"], ["block", "x"], ["help", "--help"],
  ])
  func aVerbThatIsOne(arguments: [String]) {
    #expect(Crawlctl.unknownVerb(in: arguments) == nil)
  }

  @Test(arguments: [
    (["ls", "--bogus"], "ls"), (["check", "url", "--bogus"], "check url"), (["check", "--bogus"], "check"),
    (["--bogus"], "VERB"), (["help", "--bogus"], "VERB"), ([], "VERB"),
  ])
  func theVerbWhoseHelpIsNamed(arguments: [String], verb: String) {
    #expect(Crawlctl.verb(in: arguments) == verb)
  }

  /// What a script writes with a variable that is empty; the word after it is no value.
  @Test(arguments: [
    (["add", "--exclude=", "http://a/"], "--exclude=", "add"), (["add", "http://a/", "--delay="], "--delay=", "add"),
    (["query", "--param=", "select 1"], "--param=", "query"), (["ls", "--socket="], "--socket=", "ls"),
    (["export", "--output=", "one"], "--output=", "export"),
  ])
  func anOptionWithoutItsValue(arguments: [String], option: String, verb: String) {
    let failure = Crawlctl.emptyOption(in: arguments)
    let said = "crawlctl: “\(option)” has no value (crawlctl help \(verb) tells what is accepted)"
    #expect(failure == Failure(.usage, said))
  }

  @Test(arguments: [
    ["add", "--exclude", "", "http://a/"], ["set", "a", "exclude="], ["query", "--param", "a=", "select :a"],
    ["add", "--header", "X-Empty:", "http://a/?x="], ["ls", "--bogus="], ["ls", "--all="], ["help", "--exclude="], [],
    ["search", "--", "--task="], ["check", "robots", "--agent="],
  ])
  func whatMayBeEmpty(arguments: [String]) {
    #expect(Crawlctl.emptyOption(in: arguments) == nil)
  }

  @Test func aRefusalNamesTheOptionThatWasTyped() throws {
    let add = try #require(
      try Crawlctl.parseAsRoot(["add", "http://a/", "--depth", "-1", "--max-bytes", "x", "--header", "y"]) as? Add)
    let flags = add.task.settings.flags
    #expect(flags == ["max_depth": "--depth", "max_bytes": "--max-bytes", "headers": "--header"])
    let refusal = { (parameter: String) in
      ControlError(.invalidParameters, "\(parameter): no", data: .init(parameter: parameter)).naming(flags).message
    }
    #expect(refusal("max_depth") == "--depth: no" && refusal("max_bytes") == "--max-bytes: no")
    #expect(refusal("proxy") == "proxy: no", "that is the daemon's default")
  }

  @Test func tasksToRetryAreSelectedAsOthersAre() throws {
    for arguments in [["a", "http://b/"], ["--all"], ["--state", "finished", "--name", "x*"]] {
      #expect(try Crawlctl.parseAsRoot(["retry"] + arguments) is Retry)
    }
    for arguments in [[], ["a", "--all"]] {
      #expect(throws: (any Error).self) { try Crawlctl.parseAsRoot(["retry"] + arguments) }
    }
  }

  @Test func filesOfSeedsAddUpAndStatementsComeFromOne() throws {
    for verb in [["add"], ["run"], ["offer", "a"]] {
      _ = try Crawlctl.parseAsRoot(verb + ["--file", "a", "--file", "b"])
    }
    _ = try Crawlctl.parseAsRoot(["query", "-f", "a"])
    #expect(throws: (any Error).self) { try Crawlctl.parseAsRoot(["query", "-f", "a", "-f", "b"]) }
  }

  @Test func theHelpOfQueryHasEveryView() {
    let help = Crawlctl.helpMessage(for: Query.self)
    let views = DataDictionary().names.filter { $0.hasPrefix("v_") && !$0.contains(".") }
    #expect(views.count >= 13)
    for view in views { #expect(help.contains(view), "\(view)") }
  }

  @Test func everyVerbIsKnownByItsName() {
    for verb in Crawlctl.configuration.subcommands {
      #expect(Crawlctl.unknownVerb(in: [verb._commandName]) == nil, "\(verb)")
    }
  }

  @Test func jsonIsWrittenByExportUnlessAFileIsNamed() throws {
    for format in ["csv", "warc"] {
      #expect(throws: (any Error).self) { try Crawlctl.parseAsRoot(["export", "--json", "--format", format]) }
      #expect(try Crawlctl.parseAsRoot(["export", "--json", "--format", format, "-o", "f"]) is Export)
    }
    #expect(try Crawlctl.parseAsRoot(["export", "--json"]) is Export)
  }

  @Test func aFileThatIsNotThere() throws {
    let error = #expect(throws: Failure.self) { try FileText.read("/nonexistent/seeds") }
    #expect(error?.status == .usage && error?.message?.hasPrefix("crawlctl: /nonexistent/seeds: ") == true)
    #expect(throws: Failure.self) { try FileText.read("/") }
  }

  @Test func assignments() throws {
    #expect(
      try ChangeSettings.settings(of: ["delay=1s", "max-pages=5", "include=a=b", "include=c", "rate="])
        == [
          "delay": .text("1s"), "max_pages": .text("5"), "include": .list(["a=b", "c"]), "rate": .text(""),
        ])
    for bad in ["delay", "=1s", ""] { #expect(throws: (any Error).self) { try ChangeSettings.settings(of: [bad]) } }
  }

  /// Narrower ones do not hold for what waits.
  @Test(arguments: [
    ("follow", "a,area,img", "a,area", true), ("follow", "a", "area", true), ("follow", "a", "", true),
    ("follow", "a", "a,img", false), ("follow", "", "a", false), ("nofollow", "meta", "obey", true),
    ("nofollow", "ignore", "meta", true), ("nofollow", "obey", "ignore", false), ("exclude", "a,b", "a", false),
  ])
  func whoNarrowsWhatIsFollowedIsToldWhatWaits(setting: String, from: String, to: String, isTold: Bool) {
    let change = TaskSet.SettingChange(setting: setting, from: from, to: to)
    let result = TaskSet.Result(id: 1, name: "docs", settingsRevision: 2, changes: [change])
    let note = "docs: \(setting) holds for links that are found from now on; URLs that wait are visited, unless an "
    #expect(ChangeSettings.note(on: result) == (isTold ? note + "exclude takes them out" : nil))
  }

  @Test(arguments: [
    ("plain-1.2", "plain-1.2"), ("", "''"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("$(x)", "'$(x)'"), ("ü", "'ü'"),
  ])
  func shellWords(text: String, expected: String) {
    #expect(ShellText.quote(text) == expected)
  }
}
