import EventLoop
import Store
import Testing

import struct Store.TaskRecord

@Suite struct TaskTests {
  /// An id may be known outside: to a script, or as part of the ids of an archive's records.
  @Test func idsOfWhatWasRemovedAreNotGivenAgain() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      func next(_ store: Store) -> [Int64] {
        [store.nextTaskID, store.nextRunID, store.nextURLID, store.nextFetchID, store.nextHostID]
      }
      let store = try await Store(path: path, loop: loop)
      #expect(next(store) == [1, 1, 1, 1, 1])
      try await store.insertSampleTask()
      store.append(.page(1, links: [2, 3]))
      try await store.flush()
      try await store.removeTask(1)
      #expect(try await store.integer("SELECT count(*) FROM urls") == 0)
      try await store.close()
      for _ in 0..<2 {
        let again = try await Store(path: path, loop: loop)
        #expect(next(again) == [2, 2, 4, 2, 2])
        // With less than before in the tables.
        try await again.removeTask(1, isResumed: true)
        try await again.close()
      }
    }
  }

  /// It may be large, and hosts stay. What they asked for stays with them.
  @Test func theRobotsTextOfAHostGoesWithTheLastFetchThere() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(.page(1, links: [3]))
      let seed = URLRecord.sample(2, taskID: 2, depth: 0, via: nil)
      try await store.insertTask(
        .sample(2, name: "again"), seeds: .discovering([seed], taskID: 2), event: .sample(2))
      store.append(.notModified(2, earlier: 1) { $0.timeTotal = 7 })
      let robots = FetchRecord(
        id: 3, urlID: nil, hostID: 1, taskID: 2, runID: 2, startedAt: 4, status: 200, outcome: "ok", timeTotal: 6)
      var counters = CounterDelta()
      counters.count(robots)
      store.append(VisitRecord(taskID: 2, fetches: [robots], counters: counters))
      try await store.flush()
      try await store.control {
        try $0.database.execute(
          "UPDATE hosts SET robots_state = 'known', robots_text = x'41', robots_expires_at = 9, crawl_delay = 8")
      }
      let left = """
        SELECT coalesce(robots_state || ' ' || hex(robots_text) || ' ' || robots_expires_at, 'nothing') || ' ' || crawl_delay
        FROM hosts
        """
      try await store.removeTask(1)
      #expect(try await store.texts(left) == ["known 41 9 8"])
      try await store.removeTask(2)
      #expect(try await store.texts(left) == ["nothing 8"])
      #expect(try await store.integer("SELECT count(*) FROM hosts WHERE robots_text IS NULL") == 1)
      try await store.close()
    }
  }

  @Test func aTaskIsStoredChangedAndFinished() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      var expected = TaskRecord.sample()
      expected.counters = CounterDelta(known: 1, seeds: 1, ready: 1)
      #expect(try await store.loadTasks() == [expected])
      var event = TaskEventRecord(taskID: 1, at: 5, actor: "daemon", action: "start", fromState: "queued")
      event.toState = "running"
      try await store.updateTask(
        1, state: "running", desiredState: "running", reason: nil, startedAt: 5, event: event)
      try await store.updateSettings(1, json: "{}", revision: 2, event: .sample(action: "set"))
      store.append(.page(1, links: [2]))
      try await store.finishRun(
        1, taskID: 1, state: "finished", desiredState: "finished", reason: nil, at: 9, coversEarlier: -7,
        event: .sample(action: "finish"))
      expected.coversEarlier = -7
      expected.state = "finished"
      expected.desiredState = "finished"
      expected.settings = "{}"
      expected.settingsRevision = 2
      expected.startedAt = 5
      expected.finishedAt = 9
      expected.counters = CounterDelta(
        known: 2, seeds: 1, ready: 1, done: 1, fetches: 1, finalAnswers: 1, okAnswers: 1, wireBytes: 100,
        bodyBytes: 300)
      #expect(try await store.loadTasks() == [expected])
      #expect(try await store.taskEvents(1).map(\.action) == ["finish", "set", "start", "add"])
      #expect(try await store.taskEvents(1, limit: 3).last == event)
      #expect(try await store.integer("SELECT finished_at FROM runs WHERE id = 1") == 9)
      try await store.close()
    }
  }

  @Test func aTaskThatCantBeStoredLeavesNothing() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      var twin = TaskRecord.sample(2)
      twin.clientKey = "key-1"
      let error = await #expect(throws: StoreError.self) {
        try await store.insertTask(twin, seeds: .discovering([.sample(2, taskID: 2)], taskID: 2), event: .sample(2))
      }
      #expect(error?.cause?.code == 2067)
      #expect(error?.cause?.arguments == 17)
      #expect(error?.description.contains("INSERT INTO tasks") == true)
      await #expect(throws: StoreError.self) {
        try await store.insertTask(
          .sample(3), seeds: .discovering([.sample(2, taskID: 3), .sample(1, taskID: 3)], taskID: 3), event: .sample(3))
      }
      #expect(try await store.integer("SELECT count(*) FROM urls") == 1)
      #expect(try await store.integer("SELECT count(*) FROM runs") == 1)
      #expect(try await store.loadTasks().count == 1)
      try await store.close()
    }
  }

  @Test func aURLIsExplained() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(.page(1, links: [2]))
      store.append(.page(2, links: [3]))
      var update = VisitRecord(taskID: 1, updates: [URLUpdate(id: 3, state: .failed, reason: "reset", attempts: 4)])
      update.counters.move(from: .ready, to: .failed)
      let fetch = FetchRecord(
        id: 3, urlID: 3, hostID: 1, taskID: 1, runID: 1, attempt: 4, startedAt: 1, outcome: "reset", error: "by peer")
      update.fetches = [fetch]
      update.counters.count(fetch)
      store.append(update)
      try await store.flush()
      let fingerprint = URLRecord.sample(3).fingerprint
      let found = try await store.urls(fingerprints: [1: fingerprint, 2: fingerprint])
      #expect(found.count == 1)
      #expect(found.first?.via == ["http://host1.example/2", "http://host1.example/1"])
      #expect(found.first?.linkKinds == ["a"])
      #expect(found.first?.lastFetch?.error == "by peer")
      #expect(found.first?.record.reason == "reset")
      #expect(found.first?.taskName == "task")
      // Each task has a fingerprint of its own.
      #expect(try await store.urls(fingerprints: [1: 0, 2: fingerprint]) == [])
      #expect(try await store.url(id: 4) == nil)
      let errors = try await store.recentErrors(taskID: 1)
      #expect(errors.map(\.url) == ["http://host1.example/3"])
      #expect(errors.first?.attempt == 4)
      try await store.close()
    }
  }

  /// A time to come is stored by the setting of the clock that the database has then, whatever was appended before.
  @Test func aTimeToComeIsRightWhicheverShiftOfTheClockIsStoredFirst() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      #expect(try await store.recrawlTime(storing: DueTime(500_000, clockJumps: 0)) == 500_000)
      #expect(try await store.recrawlTimeAfterShift() == 501_000)
      // Told before that shift, and after the next one, which is still to come.
      #expect(try await store.recrawlTime(storing: DueTime(500_000, clockJumps: 0)) == 501_000)
      #expect(try await store.recrawlTime(storing: DueTime(500_000, clockJumps: 2_000)) == 499_000)
      #expect(try await store.recrawlTimeAfterShift() == 500_000)
      try await store.finishRun(
        1, taskID: 1, state: "finished", desiredState: "running", reason: nil, at: 9,
        nextRunAt: DueTime(700_000, clockJumps: 1_000), event: .sample(action: "finish"))
      #expect(try await store.loadTasks()[0].nextRunAt == 701_000)
      try await store.close()
    }
  }
}

extension Store {
  /// When the task is crawled again by its row, after this was stored.
  fileprivate func recrawlTime(storing time: DueTime) async throws -> Int64? {
    try await updateSettings(1, json: "{}", revision: 2, nextRunAt: time, event: .sample(action: "set"))
    return try await loadTasks()[0].nextRunAt
  }

  /// The same, after the clock was set forward by a millisecond.
  fileprivate func recrawlTimeAfterShift() async throws -> Int64? {
    var visit = VisitRecord(taskID: 1)
    visit.clockShift = ClockShift(microseconds: 1_000)
    append(visit)
    try await flush()
    return try await loadTasks()[0].nextRunAt
  }
}
