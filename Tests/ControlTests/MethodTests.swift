import Control
import EventLoop
import FoundationEssentials
import Testing

/// Every method's types survive the way to the server and back.
struct MethodTests {
  /// Calls a method over a socket and compares what arrives at either end with what was sent.
  private func roundTrip<M: ControlMethod>(_: M.Type, _ parameters: M.Parameters, _ result: M.Result) throws
  where M.Parameters: Equatable, M.Result: Equatable {
    let seen = Seen<M.Parameters>()
    try Scene.run(
      handlers: { table in
        table.register(M.self) { parameters, _ in
          seen.values.append(parameters)
          return result
        }
      },
      { scene in
        let received = try await scene.call(M.self, parameters)
        #expect(received == result)
      })
    #expect(seen.values == [parameters])
  }

  @Test func taskAdd() throws {
    try roundTrip(
      TaskAdd.self,
      TaskAdd.Parameters(
        seeds: ["http://a.example/", "http://ü.example/\u{1F600}"], name: "a \"name\"",
        settings: [
          "delay": .text("500ms"), "max_pages": .integer(1000), "rate": .number(2.5), "traps": .flag(false),
          "include": .list(["http://a/**", "x"]),
        ],
        paused: true, clientKey: "k", recrawl: "docs"),
      TaskAdd.Result(task: someTask(), created: false))
  }

  @Test func aRecrawlNeedsNoSeeds() throws {
    let decode = { (text: String) in try JSONDecoder().decode(TaskAdd.Parameters.self, from: Data(text.utf8)) }
    #expect(try decode(#"{"recrawl":"docs"}"#) == TaskAdd.Parameters(seeds: [], recrawl: "docs"))
    #expect(throws: (any Error).self) { try decode(#"{"name":"docs"}"#) }
  }

  @Test func taskListAndShow() throws {
    try roundTrip(
      TaskList.self, PageParameters(limit: 10, cursor: "7"), TaskList.Result(tasks: [someTask()], cursor: "8"))
    try roundTrip(TaskShow.self, TaskShow.Parameters(task: "docs"), TaskShow.Result(task: someTask()))
  }

  @Test func changesOfState() throws {
    let result = TaskChanges(changes: [
      TaskChange(id: 1, name: "a", from: "running", to: "pausing"),
      TaskChange(
        id: nil, name: "b",
        error: ControlError(.refused, "no", data: ControlError.Facts(actions: ["cancel"], candidates: ["b1", "b2"]))),
    ])
    try roundTrip(TaskPause.self, TaskSelection(tasks: ["a", "b"], now: true), result)
    try roundTrip(TaskResume.self, TaskSelection(all: true), result)
    try roundTrip(TaskCancel.self, TaskSelection(tasks: ["a"]), result)
  }

  @Test func events() throws {
    let decode = { (text: String) in try JSONDecoder().decode(EventsSubscribe.Parameters.self, from: Data(text.utf8)) }
    #expect(try decode("{}") == EventsSubscribe.Parameters())
    let filter = EventsSubscribe.Parameters(
      kinds: ["task"], tasks: ["docs"], hosts: ["a.example"], outcomes: ["gone"], errors: true)
    #expect(try JSONDecoder().decode(EventsSubscribe.Parameters.self, from: JSONEncoder().encode(filter)) == filter)
    #expect(EventsSubscribe.dropped(7).dropped == 7)
  }

  @Test func settingsAndWaiting() throws {
    try roundTrip(
      TaskSet.self, TaskSet.Parameters(task: "a", settings: ["delay": .text("2s"), "priority": .integer(9)]),
      TaskSet.Result(
        id: 1, name: "a", settingsRevision: 2,
        changes: [TaskSet.SettingChange(setting: "delay", from: "1s", to: "2s")]))
    try roundTrip(
      TaskWait.self, TaskWait.Parameters(task: "a", goal: .paused, timeoutMilliseconds: 5),
      TaskWait.Result(task: someTask(), reached: true))
  }

  @Test func whyAndURL() throws {
    try roundTrip(
      TaskWhy.self, TaskWhy.Parameters(subject: "a.example", task: "1"),
      TaskWhy.Result(
        kind: "host", subject: "https://a.example", state: "running", reason: "user",
        lines: [TaskWhy.Line(kind: "host_delay", text: "3 URLs wait", count: 3, until: 99)], nextDueAt: 98, tasks: [1]))
    try roundTrip(
      URLShow.self, URLShow.Parameters(url: "http://a/", task: "1"),
      URLShow.Result(urls: [
        URLReport(
          id: 1, taskID: 2, taskName: "a", url: "http://a/", state: "done", reason: "scope", depth: 1, redirects: 2,
          priority: 3, attempts: 4, discoveredAt: 5, dueAt: 6, via: ["http://b/"],
          lastFetch: FetchReport(
            at: 7, attempt: 2, outcome: "ok", status: 200, error: "e", bodyBytes: 8,
            redirectTo: "http://c/", remoteAddress: "192.0.2.1", duration: 9),
          title: "t")
      ]))
  }

  @Test func coroutinesHostsAndDaemon() throws {
    try roundTrip(
      CoroutineList.self, CoroutineList.Parameters(limit: 5, cursor: "c", task: "a"),
      CoroutineList.Result(
        coroutines: [
          CoroutineReport(
            id: 1, taskID: 2, taskName: "a", host: "http://a", url: "http://a/", robots: true, phase: "tls",
            phaseAge: 3, age: 4, bytes: 5)
        ], cursor: "d"))
    try roundTrip(
      CoroutineSnapshot.self, PageParameters(limit: 5, cursor: "c"),
      CoroutineSnapshot.Result(
        coroutines: [
          LoopCoroutineReport(id: 1, name: "n", waitingFor: "w", waitingAge: 2, age: 3, cancelled: true),
          LoopCoroutineReport(id: 2, name: "m", waitingFor: nil, waitingAge: 4, age: 5),
        ], cursor: "d"))
    try roundTrip(
      HostList.self, HostList.Parameters(limit: 5, cursor: "c", task: "a"),
      HostList.Result(
        hosts: [
          HostReport(
            id: 1, host: "http://a", tasks: [2], ready: 3, inFlight: 4, delay: 5, concurrency: 6, nextFetchAt: 7,
            blockedUntil: 8, blockReason: "retry_after", robotsState: "ok")
        ], cursor: "d", unloadedTasks: 9))
    try roundTrip(
      DaemonStatus.self, NoParameters(),
      DaemonStatus.Result(
        version: "1", pid: 2, startedAt: 3, database: "/d", sqliteVersion: "3.40.1", tasks: ["running": 1], inFlight: 4,
        openSockets: 5, coroutines: 6, loopLag: 7, loopJobs: 18, slowCalls: 16, knownURLs: 8, writerVisits: 9,
        writerBytes: 10,
        walBytes: 11,
        databaseBytes: 12, freeBytes: 17, bodyBytes: 13, residentBytes: 14, limits: ["bodies": 15], warnings: ["w"]))
    try roundTrip(
      DaemonShutdown.self, DaemonShutdown.Parameters(now: true), DaemonShutdown.Result(pid: 1, inFlight: 2))
  }

  @Test func whatIsLeftOutHasItsDefault() async throws {
    let seen = Seen<TaskAdd.Parameters>()
    try Scene.run(
      handlers: { table in
        table.register(TaskAdd.self) { parameters, _ in
          seen.values.append(parameters)
          return TaskAdd.Result(task: someTask())
        }
        table.register(TaskPause.self) { parameters, _ in
          #expect(parameters == TaskSelection(all: true))
          return TaskChanges(changes: [])
        }
        table.register(TaskWait.self) { parameters, _ in
          #expect(parameters.goal == .done && parameters.timeout == .seconds(30))
          return TaskWait.Result(task: someTask(), reached: false)
        }
      },
      { scene in
        let connection = try await scene.connect()
        let add = #"{"jsonrpc":"2.0","id":1,"method":"task.add","params":{"seeds":["http://a/"],"future":{"x":1}}}"#
        #expect(try await connection.ask(add).contains(#""created":true"#))
        #expect(
          try await connection.ask(#"{"jsonrpc":"2.0","id":2,"method":"task.pause","params":{"all":true}}"#)
            == #"{"id":2,"jsonrpc":"2.0","result":{"changes":[]}}"#)
        let wait = #"{"jsonrpc":"2.0","id":3,"method":"task.wait","params":{"task":"a"}}"#
        #expect(try await connection.ask(wait).contains(#""reached":false"#))
        connection.close()
      })
    #expect(seen.values == [TaskAdd.Parameters(seeds: ["http://a/"])])
  }

  @Test func aThousandTasksAreNamedAtMost() throws {
    let seen = Seen<Int>()
    try Scene.run(
      handlers: { table in
        table.register(TaskPause.self) { parameters, _ in
          seen.values.append(parameters.tasks.count)
          return TaskChanges(changes: parameters.tasks.map { TaskChange(id: nil, name: $0) })
        }
      },
      { scene in
        let names = (1...90_000).map { "t\($0)" }
        let some = try await scene.call(TaskPause.self, TaskSelection(tasks: Array(names.prefix(1000))))
        #expect(some.changes.count == 1000)
        for count in [1001, 90_000] {
          let error = await #expect(throws: ControlError.self) {
            try await scene.call(TaskPause.self, TaskSelection(tasks: Array(names.prefix(count))))
          }
          #expect(error?.code == .invalidParameters)
          #expect(error?.message.contains("names \(count) tasks; 1000 at most") == true)
          #expect(error?.data?.parameter == "tasks")
        }
      })
    #expect(seen.values == [1000])
  }

  @Test func aRequestNamesTasksOrAll() throws {
    let seen = Seen<Bool>()
    try Scene.run(
      handlers: { table in
        table.register(TaskPause.self) { parameters, _ in
          seen.values.append(parameters.all)
          return TaskChanges(changes: [])
        }
      },
      { scene in
        let begin = #"{"jsonrpc":"2.0","id":1,"method":"task.pause","params":"#
        let connection = try await scene.connect()
        defer { connection.close() }
        let refused = try await connection.ask(begin + "{}}")
        #expect(refused.contains("the request names no task") && refused.contains("-32602"), "\(refused)")
        for parameters in [#"{"all":true}"#, #"{"tasks":[]}"#] {
          let reply = try await connection.ask(begin + parameters + "}")
          #expect(reply.contains("\"result\""), "\(reply)")
        }
      })
    #expect(seen.values == [true, false])
  }

  @Test func longRepliesAreWrittenBesideTheLoop() {
    #expect(TaskPause.answering == .inOrderLong)
    #expect(TaskResume.answering == .inOrderLong)
    #expect(TaskCancel.answering == .inOrderLong)
  }

  @Test func pagesAndPatienceAreBounded() {
    #expect(PageParameters(limit: -5).rows == 1)
    #expect(PageParameters(limit: 1 << 40).rows == 1_000)
    #expect(PageParameters().rows == 1_000)
    #expect(TaskWait.Parameters(task: "a", timeoutMilliseconds: .max).timeout == .seconds(60))
    #expect(TaskWait.Parameters(task: "a", timeoutMilliseconds: .min).timeout == .zero)
  }

  @Test func settingValuesAsTexts() {
    #expect(SettingValue.text("1s").text == "1s")
    #expect(SettingValue.flag(true).text == "on")
    #expect(SettingValue.integer(-3).text == "-3")
    #expect(SettingValue.list(["a", "b"]).text == "a,b")
  }
}
