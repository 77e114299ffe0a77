import Control
import Testing
import crawlctl

/// What `top` makes of what the daemon says, whatever the size of the terminal.
struct TopScreenTests {
  private func task(_ id: Int64, _ state: String = "running", answers: Int = 0) -> TaskReport {
    TaskReport(
      id: id, name: "task-\(id)", state: state, desiredState: state, createdAt: 0,
      counts: TaskCounts(known: 10, finalAnswers: answers))
  }

  private func sample(
    at time: Int64, tasks: [TaskReport], fetches: Int = 0, pid: Int32 = 7, warnings: [String] = []
  ) -> TopScreen.Sample {
    let status = DaemonStatus.Result(
      version: "1.0.0", pid: pid, startedAt: 0, database: "/x", sqliteVersion: "3", warnings: warnings)
    let coroutines = (0..<fetches).map { number in
      CoroutineReport(
        id: Int64(number), taskID: 1, taskName: "task-1", host: "a.example",
        url: "http://a.example/\u{1B}[31m\(String(repeating: "x", count: 300))", phase: "request_sent", phaseAge: 5,
        age: 9)
    }
    let hosts = (0..<fetches).map { HostReport(id: Int64($0), host: "http://host\($0).example", inFlight: 1) }
    return TopScreen.Sample(at: time, status: status, tasks: tasks, hosts: hosts, coroutines: coroutines)
  }

  @Test(arguments: [(80, 24), (40, 10), (200, 60), (20, 5), (1, 1), (80, 2)])
  func itFits(width: Int, height: Int) {
    var screen = TopScreen()
    #expect(screen.lines(width: width, height: height).count <= height)
    screen.take(sample(at: 1_000_000, tasks: (1...30).map { task($0) }, fetches: 50, warnings: ["mind the gap"]))
    let lines = screen.lines(width: width, height: height)
    #expect(lines.count == height)
    #expect(lines.allSatisfy { TextWidth.columns(of: $0) <= width && !$0.contains("\u{1B}") })
  }

  @Test func itHasEverythingIn80By24() {
    var screen = TopScreen()
    var tasks = [task(1, "finished"), task(2, "paused"), task(3)]
    tasks[1].reason = "quota_pages"
    tasks[2].changes = ["new": 1]
    screen.take(sample(at: 1_000_000, tasks: tasks, fetches: 20, warnings: ["mind the gap"]))
    let text = screen.lines(width: 80, height: 24).joined(separator: "\n")
    for words in ["WARNING: mind the gap", "task-3", "host0.example", "request sent", "more", "q quits"] {
      #expect(text.contains(words), "\(words): \(text)")
    }
    for column in ["FETCHED", "OK%", "QUEUED", "RATE", "BYTES", "AGE"] { #expect(text.contains(column), "\(text)") }
    // What runs comes first.
    #expect(text.firstRange(of: "task-3")!.lowerBound < text.firstRange(of: "task-1")!.lowerBound)
  }

  @Test func ratesAreBetweenTwoSamplesOfOneDaemon() {
    var screen = TopScreen()
    screen.take(sample(at: 1_000_000, tasks: [task(1, answers: 100)]))
    #expect(!screen.lines(width: 80, height: 24)[1].contains("/s"))
    screen.take(sample(at: 3_000_000, tasks: [task(1, answers: 150)]))
    #expect(screen.lines(width: 80, height: 24)[1].contains("25.0/s answers"))
    screen.take(sample(at: 4_000_000, tasks: [task(1, answers: 900)], pid: 8))
    #expect(!screen.lines(width: 80, height: 24)[1].contains("/s"))
  }

  @Test func aDaemonThatIsGoneIsSaidAndItsFiguresStay() {
    var screen = TopScreen()
    screen.lose("no daemon is running")
    #expect(screen.lines(width: 80, height: 24) == ["no daemon is running"])
    screen.take(sample(at: 1_000_000, tasks: [task(1)]))
    screen.lose("it ended")
    let lines = screen.lines(width: 80, height: 24)
    #expect(lines[2] == "NOT CONNECTED: it ended" && lines.contains { $0.contains("task-1") })
  }

  @Test func rowsAreShared() {
    #expect(TopScreen.share(20, among: [3, 3, 30]) == [3, 3, 14])
    #expect(TopScreen.share(20, among: [30, 30, 30]) == [7, 7, 6])
    #expect(TopScreen.share(0, among: [1, 1]) == [0, 0])
    #expect(TopScreen.share(9, among: [1, 1]) == [1, 1])
  }
}
