import Control
import Crawl
import Fetch
import Foundation
import Frontier
import Politeness
import Store
import Testing

/// The words of `crawlctl shapes` are those of the code.
@Suite struct ShapeWordTests {
  private func words(_ list: String) -> Set<String> { Set(ShapeBook.control.words(list)) }

  private func all<Words: CaseIterable & RawRepresentable<String>>(_ words: Words.Type) -> Set<String> {
    Set(words.allCases.map(\.rawValue))
  }

  @Test func vocabulariesAreWhole() {
    #expect(words("TaskState") == all(TaskState.self))
    #expect(words("TaskReason") == all(TaskReason.self))
    #expect(words("URLState") == all(URLState.self).union(["in_flight"]))
    #expect(words("Outcome") == all(FetchOutcome.self))
    let otherReasons: Set = ["robots_unreachable", "retry_after"]
    #expect(words("URLReason") == all(FetchOutcome.self).union(all(ExclusionReason.self)).union(otherReasons))
    #expect(words("PageChange") == all(PageChange.self))
    #expect(words("HandlerKind") == all(HandlerProgram.Kind.self))
    #expect(words("BlockReason") == all(BlockReason.self))
    #expect(words("EventKind") == all(CrawlEvent.Kind.self).union(["dropped"]))
    let actions = TaskState.allCases.flatMap(\.actions) + [.seal]
    #expect(words("TaskAction") == Set(actions.map(\.rawValue)))
  }

  @Test func everyStateOfARobotsFileHasItsWord() {
    let rules = RobotsRules.parse(Array("".utf8), productToken: "x")
    let states: [RobotsState] = [
      .unknown, .fetching(tries: 0, deadline: 0), .retrying(at: 0, tries: 0, deadline: 0), .known(rules, expires: 0),
      .allowAll(expires: 0), .outdated(rules, expires: 0), .unreachable(.robotsUnreachable, expires: 0),
    ]
    #expect(words("RobotsState") == Set(states.map(\.word)))
  }

  /// The words of lines that stand as texts where the lines are made.
  @Test func everyKindOfAnAnswersLineIsNamed() throws {
    let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    let made = /\bline\(\s*"(?<kind>[a-z_]+)",/
    var kinds: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: root + "/Sources/Crawl") {
      let text = try String(contentsOfFile: "\(root)/Sources/Crawl/\(name)", encoding: .utf8)
      kinds.formUnion(text.matches(of: made).map { String($0.output.kind) })
    }
    #expect(kinds.count > 20)
    #expect(kinds.subtracting(words("AnswerKind")) == [])
  }

  @Test func wordsThatAreJoinedFromSeveralVocabularies() {
    let blocking = Blocking.Reason.allCases.map { "host_" + $0.rawValue }
    #expect(words("AnswerKind").isSuperset(of: all(TaskState.self).union(all(URLState.self)).union(blocking)))
    let phases = FetchProgress.Phase.allCases.map { $0.rawValue.split(separator: " ").joined(separator: "_") }
    #expect(words("Phase").isSuperset(of: phases))
    #expect(words("EventAction").isSuperset(of: words("TaskAction")))
    #expect(words("DesiredState").allSatisfy { DesiredState(rawValue: $0) != nil })
    #expect(words("Subject").allSatisfy { WhyReport.Subject(rawValue: $0) != nil })
    #expect(words("Hold").contains(TaskReason.configuration.rawValue))
    #expect(
      words("Hold").subtracting(["log", TaskReason.configuration.rawValue]).allSatisfy {
        StoreFailure.Kind(rawValue: $0) != nil
      })
  }
}
