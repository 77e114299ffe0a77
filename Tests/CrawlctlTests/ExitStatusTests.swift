import ArgumentParser
import Control
import Testing
import crawlctl

/// Exit codes that scripts rely on.
struct ExitStatusTests {
  private func task(_ state: String, _ reason: String? = nil) -> TaskReport {
    TaskReport(id: 1, name: "a", state: state, desiredState: state, reason: reason, createdAt: 0)
  }

  @Test func whatATaskCameTo() {
    #expect(ExitStatus.of(task("finished")).rawValue == 0)
    #expect(ExitStatus.of(task("failed")).rawValue == 10)
    #expect(ExitStatus.of(task("paused", "user")).rawValue == 11)
    #expect(ExitStatus.of(task("paused", "configuration")).rawValue == 11)
    #expect(ExitStatus.of(task("cancelled", "user")).rawValue == 12)
    #expect(ExitStatus.of(task("paused", "quota_pages")).rawValue == 13)
    #expect(ExitStatus.of(task("paused", "user"), goal: .paused).rawValue == 0)
    #expect(ExitStatus.of(task("cancelled"), goal: .paused).rawValue == 12)
  }

  @Test func severalOfThem() {
    #expect(ExitStatus.joined([]) == .ok)
    #expect(ExitStatus.joined([.ok, .ok]) == .ok)
    #expect(ExitStatus.joined([.notFound, .notFound]) == .notFound)
    #expect(ExitStatus.joined([.ok, .notFound]) == .someFailed)
  }

  @Test func selections() {
    let good = TaskChange(id: 1, name: "a", from: "running", to: "pausing")
    let missing = TaskChange(id: nil, name: "b", error: ControlError(.notFound, "no b"))
    let refused = TaskChange(id: 2, name: "c", error: ControlError(.refused, "no c"))
    #expect(SelectionOptions.status(of: [good]) == .ok)
    #expect(SelectionOptions.status(of: [missing]) == .notFound)
    #expect(SelectionOptions.status(of: [refused, refused]) == .refused)
    #expect(SelectionOptions.status(of: [good, missing]) == .someFailed)
    #expect(SelectionOptions.status(of: [missing, refused]) == .someFailed)
  }

  @Test func badArgumentsAreUsage() {
    for arguments in [
      ["fetch"], ["ls", "--bogus"], ["add"], ["wait", "a", "--for", "ever"], ["wait", "a", "--timeout", "soon"],
      ["set", "a"], ["set", "a", "delay"], ["pause"], ["pause", "a", "--all"], ["query"],
      ["query", "x", "--limit", "0"], ["query", "x", "--timeout", "0s"], ["search", "x", "--timeout", "0"],
      ["diff", "a", "--timeout", "0s"], ["diff", "a", "--timeout", "soon"], ["block", "a", "--for", "soon"],
      ["top", "--interval", "soon"],
    ] {
      let error = #expect(throws: (any Error).self) { try Crawlctl.parseAsRoot(arguments) }
      guard let error else { continue }
      let failure = Failure(error, in: Crawlctl.self)
      #expect(failure.status == .usage, "\(arguments)")
      #expect(failure.message?.contains("\n") == false && failure.help == nil)
      let told = Failure(error, in: Crawlctl.self, verb: Crawlctl.verb(in: arguments)).message ?? ""
      let help = "(crawlctl help \(arguments[0]) tells what is accepted)"
      #expect(arguments == ["fetch"] || told.hasSuffix(help), "\(told)")
    }
  }

  @Test func helpIsNoError() throws {
    let error = try #require(throws: (any Error).self) {
      var command = try Crawlctl.parseAsRoot(["ls", "--help"])
      try command.run()
    }
    let failure = Failure(error, in: Crawlctl.self)
    #expect(failure.status == .ok && failure.message == nil && failure.help?.contains("crawlctl ls") == true)
  }

  @Test func whatBecomesOfTasksWhoseDaemonWentAway() {
    let gone = ControlError(.unreachable, "it broke off")
    #expect(
      Wait.lost(["a b", "c"], gone, goal: .paused, hint: " --socket s").message
        == "it broke off; the tasks go on when the daemon is there again (follow: crawlctl wait 'a b' c --for paused "
        + "--socket s)"
    )
    let other = ControlError(.notFound, "no a")
    #expect(Wait.lost(["a"], other, hint: "") == other)
  }

  @Test func errorsOfTheDaemon() {
    let failure = Failure(ControlError(.refused, "docs is finished"), in: Crawlctl.self)
    #expect(failure.status == .refused && failure.message == "crawlctl: docs is finished")
  }
}
