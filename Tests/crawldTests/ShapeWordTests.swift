import Control
import Crawl
import Fetch
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
    #expect(words("URLReason") == all(FetchOutcome.self).union(all(ExclusionReason.self)).union(["robots_unreachable"]))
    #expect(words("PageChange") == all(PageChange.self))
    #expect(words("HandlerKind") == all(HandlerProgram.Kind.self))
    #expect(words("BlockReason") == all(BlockReason.self))
    #expect(words("EventKind") == all(CrawlEvent.Kind.self).union(["dropped"]))
    let actions = TaskState.allCases.flatMap(\.actions) + [.seal]
    #expect(words("TaskAction") == Set(actions.map(\.rawValue)))
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
