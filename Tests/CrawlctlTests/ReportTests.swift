import Control
import Testing
import crawlctl

/// How replies read.
struct ReportTests {
  private let now: Int64 = 1_800_000_000_000_000

  private func task(_ name: String = "docs") -> TaskReport {
    TaskReport(
      id: 3, name: name, state: "paused", desiredState: "running", reason: "quota_pages", seedCount: 3,
      createdAt: now - 90_000_000, elapsed: 61_000_000, settings: ["delay": "1s", "scope": "host"],
      counts: TaskCounts(
        known: 12_345, ready: 1_000, delayed: 20, inFlight: 3, done: 10_000, failed: 22, excluded: 1_300,
        fetches: 11_000, finalAnswers: 10_000, okAnswers: 9_720),
      bytes: TaskBytes(wire: 1 << 20, body: 3 << 20), rate: 0.04, okPercent: 97.2, actions: ["resume", "cancel"],
      outcomes: ["ok": 9_720, "client_error": 280], reasons: [ReasonCount(state: "failed", reason: "reset", count: 22)],
      errors: [TaskError(url: "http://a/\u{1B}", outcome: "reset")], seeds: ["http://a/", "http://b/"])
  }

  @Test func aRowOfTheList() {
    let text = ListTasks.table(of: [task()], now: now).rendered(width: nil)
    #expect(
      text == """
        ID  NAME  STATE                FETCHED    OK%  QUEUED   RATE  BYTES     AGE
         3  docs  paused(quota_pages)   10,000  97.2%   1,023  0.0/s  1 MiB  1m 30s

        """)
  }

  @Test func theSheetOfATask() {
    let text = ShowTask.sheet(of: task(), now: now).rendered()
    for line in [
      "task          3  docs", "state         paused(quota_pages) → running", "possible now  resume cancel",
      "outcomes      ok 9,720 · client_error 280", "failed        reset 22", "seeds         http://a/",
      "              … and 1 more", "settings      delay=1s", "              scope=host", "elapsed       1m 1s",
    ] {
      #expect(text.contains(line + "\n"), "\(line)")
    }
  }

  @Test func aPausedTaskThatIsToBeCrawledAgain() {
    var paused = task()
    paused.settings["every"] = "1d"
    #expect(ListTasks.table(of: [paused], now: now).rendered(width: nil).contains("paused(quota_pages, every waits) "))
    let sheet = ShowTask.sheet(of: paused, now: now).rendered()
    #expect(sheet.contains("again         every 1d, but not before this crawl has ended; crawlctl why 3\n"), "\(sheet)")
    paused.settings["every"] = "none"
    #expect(!ShowTask.sheet(of: paused, now: now).rendered().contains("again "))
  }

  @Test func aRecrawl() {
    var again = task("docs-2")
    again.recrawlOf = 3
    again.changes = ["not_modified": 9_000, "changed": 700, "new": 200, "gone": 61, "moved": 0, "unchanged": 39]
    let list = ListTasks.table(of: [task(), again], now: now).rendered(width: nil)
    #expect(list.contains("  OK%  DIFFERENT  QUEUED "))
    #expect(list.contains("97.2%        961   1,023 "))
    #expect(list.contains("97.2%              1,023 "))
    let narrow = ListTasks.table(of: [task(), again], now: now).rendered(width: 80).split(separator: "\n")
    #expect(narrow.allSatisfy { TextWidth.columns(of: String($0)) <= 80 }, "\(narrow)")
    #expect(narrow[2].contains("docs-2  paused(quota_pages)") && !narrow[0].contains("DIFFERENT"), "\(narrow)")
    let sheet = ShowTask.sheet(of: again, now: now).rendered()
    #expect(sheet.contains("recrawl of    task 3\n"))
    let changes = "changes       not_modified 9,000 · changed 700 · new 200 · gone 61 · unchanged 39\n"
    #expect(sheet.contains(changes))
    #expect(Run.summary(of: again, hint: nil).contains("not_modified 9,000"))
    again.changes = ["new": 0]
    #expect(ShowTask.sheet(of: again, now: now).rendered().contains("changes       none so far\n"))
  }

  @Test func theSummaryOfARun() {
    let text = Run.summary(of: task(), hint: " --socket /s")
    #expect(text.contains("docs: paused(quota_pages) after 1m 1s\n"))
    #expect(text.contains("1,023 still queued"))
    #expect(text.contains("crawlctl resume 3 --socket /s\n"))
    #expect(
      text.contains(
        #"crawlctl query --socket /s "SELECT status, url, title FROM v_pages WHERE task = 'docs' LIMIT 20""#))
  }

  @Test func noAnswerHasNoPercentage() {
    var new = task()
    (new.okPercent, new.counts.finalAnswers) = (nil, 0)
    #expect(Run.summary(of: new, hint: nil).contains("0 pages, 1 MiB received"))
    #expect(ShowTask.sheet(of: new, now: now).rendered().contains("0 final answers in 11,000 fetches"))
  }

  @Test func aNameCannotBreakOutOfTheHint() {
    let text = Run.summary(of: task("a'; rm -rf \"$(x)\""), hint: "")
    #expect(
      text.contains(#"crawlctl query 'SELECT status, url, title FROM v_pages WHERE task = '\''a'\'''\''; rm -rf"#))
  }

  @Test func reasonsInSentences() {
    let answer = TaskWhy.Result(
      kind: "task", subject: "docs", state: "paused", reason: "user",
      lines: [TaskWhy.Line(kind: "host_delay", text: "3 URLs wait", count: 3, until: now + 5_000_000)],
      nextDueAt: now - 1_000_000)
    #expect(
      Why.lines(of: answer, now: now) == [
        "task docs: paused(user)", "  3 URLs wait, until 2027-01-15T08:00:05Z (in 5 s)",
        "  next fetch: 2027-01-15T07:59:59Z (1 s ago)",
      ])
  }

  @Test func hostsAndCoroutines() {
    let host = HostReport(
      id: 1, host: "http://a", ready: 5, inFlight: 1, delay: 1_000_000, nextFetchAt: now + 250_000,
      blockedUntil: now + 60_000_000, blockReason: "retry_after")
    let hosts = ListHosts.table(of: [host], now: now).rendered(width: nil)
    #expect(hosts.contains("in 250 ms") && hosts.contains("retry_after until 2027-01-15T08:01:00Z (in 1m 0s)"))
    // At 80 columns the name of the host and the time of its block stay.
    var other = host
    (other.host, other.delayOrigin, other.delayTask, other.robotsState) = (
      "https://www.example.org", "task", 1, "fetched"
    )
    let narrow = ListHosts.table(of: [host, other], now: now, isShort: true).rendered(width: 80).split(separator: "\n")
    #expect(narrow[2].hasPrefix("www.example.org ") && narrow[2].hasSuffix("  retry_after 1m 0s"), "\(narrow)")
    #expect(narrow.allSatisfy { $0.count <= 80 } && !narrow[2].contains("task 1"), "\(narrow)")
    other.host = "https://a"
    let both = ListHosts.table(of: [host, other], now: now, isShort: true).rendered(width: 80)
    #expect(both.contains("http://a ") && both.contains("https://a "))
    let coroutine = CoroutineReport(
      id: 1, taskID: 1, taskName: "docs", host: "http://a", url: "http://a/robots.txt", robots: true,
      phase: "request_sent", phaseAge: 1_500_000, age: 3_000_000, bytes: 0)
    #expect(ListCoroutines.table(of: [coroutine]).rendered(width: nil).contains("request sent (robots)     1.5 s  3 s"))
  }

  @Test func everyCoroutineIsARowThatSaysWhetherItWasCancelled() {
    let rows = [
      LoopCoroutineReport(id: 1, name: "main", waitingFor: "to be told to stop", waitingAge: 1_500_000, age: 3_000_000),
      LoopCoroutineReport(id: 22, name: "a\u{1B}[31m", waitingFor: nil, waitingAge: 20_000, age: .min, cancelled: true),
    ]
    let table = ListCoroutines.table(of: rows).rendered(width: nil)
    #expect(table.contains(" 1  to be told to stop   1.5 s  3 s  main"), "\(table)")
    #expect(table.contains("22   (cancelled)         20 ms"), "\(table)")
    #expect(!table.contains("\u{1B}"))
  }

  /// A second is told as it is in the log, which leaves its parts out, and less than a millisecond is not nothing.
  @Test func timesAreToldAsTheyAre() {
    let finished = 1_800_000_000_860_000 as Int64
    var done = task()
    done.finishedAt = finished
    #expect(ShowTask.sheet(of: done, now: finished + 2_000_000).rendered().contains("2027-01-15T08:00:00Z (2 s ago)"))
    #expect(
      Why.lines(
        of: TaskWhy.Result(
          kind: "host", subject: "a", lines: [TaskWhy.Line(kind: "x", text: "waits", until: finished + 999_999)]),
        now: finished)[1].contains("08:00:02Z (in 999 ms)"))
    var event = EventReport(kind: "fetch")
    (event.outcome, event.duration) = ("ok", 850)
    #expect(Events.line(of: event).contains(" 850 µs"))
  }

  @Test func whatIsStillToBeTriedIsNotTriedAgain() {
    var url = URLReport(
      id: 1, taskID: 3, taskName: "docs", url: "http://a/", state: "delayed", attempts: 1, discoveredAt: 0,
      dueAt: now + 60_000_000)
    #expect(
      Retry.sentence(on: url, now: now, hint: "")
        == "after 1 attempt it is still to be tried in task 3 docs, and waits until 2027-01-15T08:01:00Z (in 1m 0s); "
        + "nothing has to be done (crawlctl why http://a/)")
    #expect(
      Retry.sentence(on: url, isHeld: true, now: now, hint: "")
        == "it is still to be tried in task 3 docs, which is paused (crawlctl resume 3)")
    url.state = "done"
    #expect(Retry.sentence(on: url, now: now, hint: "") == nil)
  }

  @Test func hostsOfWhichNothingIsReady() {
    var host = HostReport(id: 1, host: "http://a")
    (host.delayed, host.nextTryAt) = (3, now + 250_000)
    let rows = ListHosts.table(of: [host], now: now).rendered(width: nil).split(separator: "\n")
    #expect(rows[0].contains("DELAYED") && rows[1].contains(" 3 ") && rows[1].contains("(in 250 ms)"), "\(rows)")
  }

  /// What waits for its commit is fetched already.
  @Test func fetchesAreThoseThatGoOn() {
    let status = DaemonStatus.Result(
      version: "1", pid: 2, startedAt: now, database: "/x", sqliteVersion: "3", inFlight: 70, writerVisits: 58)
    let sheet = Status.sheet(of: status, now: now).rendered()
    #expect(sheet.contains("12 in flight") && sheet.contains("58 visits") && !sheet.contains("70"), "\(sheet)")
  }

  @Test func whoReadsNoEventsIsToldOfThemAsLost() {
    let end = ControlError(.unreachable, "the daemon ended the connection")
    #expect(Events.ended(end, isThere: false) == end)
    #expect(Events.ended(end, isThere: true).message.hasPrefix("events were lost"))
    var event = EventReport(kind: "task", at: now)
    (event.taskName, event.action, event.actor) = ("docs", "set", "uid 0")
    event.changes = [TaskSet.SettingChange(setting: "delay", from: "1s", to: "2s")]
    #expect(Events.line(of: event).hasSuffix("task docs set delay 1s → 2s by uid 0"))
  }

  @Test func hostileFiguresDoNotTrap() {
    var wild = task()
    wild.counts = TaskCounts(known: .max, ready: .max, delayed: .max, inFlight: .max)
    wild.createdAt = .min
    wild.finishedAt = .max
    wild.rate = .infinity
    wild.okPercent = .nan
    wild.elapsed = .min
    wild.reasons = [
      ReasonCount(state: "failed", reason: "a", count: .max), ReasonCount(state: "failed", reason: "a", count: .max),
    ]
    _ = ListTasks.table(of: [wild], now: now).rendered(width: 80)
    _ = ShowTask.sheet(of: wild, now: now).rendered()
    _ = Run.summary(of: wild, hint: "")
    var progress = Progress()
    progress.note(wild, now: 0)
    #expect(!progress.line(wild, elapsed: 0, width: 80).isEmpty)
  }
}
