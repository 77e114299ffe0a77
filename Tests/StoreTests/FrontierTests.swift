import EventLoop
import Store
import Testing

@Suite struct FrontierTests {
  @Test func aHostQueueComesInOrderAndInParts() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(
        .discovering([
          .sample(2, depth: 2), .sample(3, depth: 1), .sample(4, depth: 1), .sample(5, depth: 9, priority: -1),
          .sample(6, hostID: 2), .sample(7, depth: 1, state: .excluded, reason: "scope"),
        ]))
      try await store.flush()
      let first = try await store.readyURLs(taskID: 1, hostID: 1, after: nil, limit: 3)
      #expect(first.map(\.id) == [5, 1, 3])
      #expect(first[2].url == "http://host1.example/3")
      #expect(first[2].viaURLID == 1)
      #expect(first[2].fingerprint == URLRecord.sample(3).fingerprint)
      let rest = try await store.readyURLs(taskID: 1, hostID: 1, after: first[2].key, limit: 3)
      #expect(rest.map(\.id) == [4, 2])
      #expect(try await store.readyURLs(taskID: 2, hostID: 1, after: nil, limit: 3) == [])
      try await store.close()
    }
  }

  @Test func hostsWithWorkAreFoundWithTheirFirstURLAfterAllThatWasAppended() throws {
    try onLoop { loop, directory in
      let store = try await Store(
        path: directory.file("crawl.db"), loop: loop, policy: StorePolicy(groupInterval: .seconds(3600)))
      try await store.insertSampleTask()
      var urls: [URLRecord] = []
      for host in Int64(2)...30 {
        for copy in Int64(0)..<3 {
          urls.append(.sample(host * 10 + copy, hostID: host, depth: Int(3 - copy), state: host == 9 ? .done : .ready))
        }
      }
      urls += (Int64(1000)...2100).map { .sample($0, hostID: 31) }
      store.append(.discovering(urls, hosts: (2...31).map { .sample($0) }))
      let page = try await store.hostsWithReadyURLs(taskID: 1, after: 1, limit: 10)
      #expect(page.map(\.host.id) == [2, 3, 4, 5, 6, 7, 8, 10, 11, 12])
      #expect(page[0].host.name == "host2.example")
      #expect(page[0].first == QueueKey(priority: 0, depth: 1, id: 22))
      let last = try await store.hostsWithReadyURLs(taskID: 1, after: 29, limit: 10)
      #expect(last.map(\.host.id) == [30, 31])
      #expect(last[1].first.id == 1000)
      #expect(try await store.hostsWithReadyURLs(taskID: 1, after: 31, limit: 10) == [])
      try await store.close()
    }
  }

  @Test func delayedURLsBecomeReadyWhenTheyAreDue() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      try await store.insertTask(.sample(2), seeds: VisitRecord(taskID: 2), event: .sample(2))
      #expect(try await store.nextDueTime() == nil)
      store.append(
        .discovering([
          .sample(2, state: .delayed, dueAt: 300), .sample(3, state: .delayed, dueAt: 100),
          .sample(4, state: .delayed, dueAt: 200),
        ]))
      store.append(.discovering([.sample(5, taskID: 2, state: .delayed, dueAt: 150)], taskID: 2))
      #expect(try await store.nextDueTime() == 100)
      #expect(try await store.promoteDelayed(now: 99, limit: 10) == [])
      let first = try await store.promoteDelayed(now: 250, limit: 2)
      #expect(first.map(\.id) == [3, 5])
      #expect(first.map(\.taskID) == [1, 2])
      #expect(first.map(\.hostID) == [1, 1])
      #expect(try await store.promoteDelayed(now: 250, limit: 2).map(\.id) == [4])
      #expect(try await store.nextDueTime() == 300)
      #expect(try await store.inspectTask(1) == [])
      #expect(try await store.inspectTask(2) == [])
      #expect(try await store.readyURLs(taskID: 1, hostID: 1, after: nil, limit: 9).map(\.id) == [1, 3, 4])
      #expect(try await store.clampDelayed(latest: 250) == 1)
      #expect(try await store.clampDelayed(latest: 250) == 0)
      #expect(try await store.nextDueTime() == 250)
      try await store.close()
    }
  }

  /// The clock was set between two visits that commit in one group.
  @Test func timesToComeMoveWithTheClock() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      var (asleep, past) = (HostRecord.sample(2), HostRecord.sample(3))
      (asleep.nextFetchAt, asleep.blockedUntil, asleep.blockReason) = (1_100, 1_200, "retry_after")
      past.nextFetchAt = 900
      store.append(.discovering([.sample(2, state: .delayed, dueAt: 1_300)], hosts: [asleep, past]))
      var shift = VisitRecord(taskID: 0)
      shift.clockShift = ClockShift(microseconds: -500, startedAt: [1: 400])
      store.append(shift)
      store.append(.discovering([.sample(3, state: .delayed, dueAt: 900)]))
      #expect(try await store.promoteDelayed(now: 799, limit: 10) == [])
      #expect(try await store.promoteDelayed(now: 800, limit: 10).map(\.id) == [2])
      #expect(try await store.promoteDelayed(now: 900, limit: 10).map(\.id) == [3])
      let hosts = [try await store.committedHost(id: 2), try await store.committedHost(id: 3)]
      #expect(hosts.map { $0?.nextFetchAt } == [600, 400])
      #expect(hosts.map { $0?.blockedUntil } == [700, nil])
      #expect(try await store.loadTasks().map(\.startedAt) == [400])
      #expect(try await store.inspectTask(1) == [])
      try await store.close()
    }
  }

  /// That of a task that has ended is over.
  @Test func theTimeOfARetryMovesWithTheClockUntilTheTaskEnds() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(.discovering([.sample(2, state: .failed, reason: "reset")]))
      let resumption = Store.Resumption(
        runID: 1, state: "running", desiredState: "running", event: .sample(action: "retry"))
      #expect(try await store.retry([2], taskID: 1, at: 1_000, resumption: resumption).delayed == 1)
      var shift = VisitRecord(taskID: 0)
      shift.clockShift = ClockShift(microseconds: 500)
      store.append(shift)
      #expect(try await store.loadTasks().map(\.retriedAt) == [1_500])
      try await store.finishRun(
        1, taskID: 1, state: "finished", desiredState: "running", reason: nil, at: 2_000,
        event: .sample(action: "finished"))
      store.append(shift)
      #expect(try await store.loadTasks().map(\.retriedAt) == [1_500])
      try await store.close()
    }
  }

  @Test func readyURLsOfHostsAreSettledInChunks() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(.discovering((Int64(2)...25).map { .sample($0, hostID: $0 < 15 ? 3 : 2) }))
      var settled: [Int64] = []
      while true {
        let ids = try await store.excludeReadyURLs(
          taskID: 1, hostIDs: [3, 2], state: .failed, reason: "robots_unreachable", limit: 10)
        settled += ids
        if ids.count < 10 { break }
      }
      #expect(settled == Array(2...25))
      let counts = try await store.reasonCounts(taskID: 1)
      #expect(
        counts == [
          ReasonCount(state: .failed, reason: "robots_unreachable", count: 24),
          ReasonCount(state: .ready, reason: nil, count: 1),
        ])
      #expect(try await store.inspectTask(1) == [])
      try await store.close()
    }
  }

  @Test func theSeenSetIsScannedOnceWhileVisitsGoOn() throws {
    try onLoop { loop, directory in
      let store = try await Store(
        path: directory.file("crawl.db"), loop: loop, policy: StorePolicy(groupInterval: .zero))
      try await store.insertSampleTask()
      try await store.insertTask(.sample(2), seeds: VisitRecord(taskID: 2), event: .sample(2))
      let urls = (Int64(2)...25_000).map { id in
        id == 77
          ? URLRecord.sample(id, state: .excluded, reason: "depth")
          : URLRecord.sample(
            id, taskID: id % 5 == 0 ? 2 : 1, state: .excluded,
            reason: id < 80 ? "robots" : id < 82 ? "trap_repeat" : "budget_host", attempts: id < 79 ? 1 : 0)
      }
      store.append(.discovering(urls.filter { $0.taskID == 1 }))
      store.append(.discovering(urls.filter { $0.taskID == 2 }, taskID: 2))
      try await store.flush()
      var known: [KnownURL] = []
      var chunks = 0
      try await store.scanKnownURLs(taskID: 1) { chunk in
        #expect(chunk.count <= 10_000)
        known += chunk
        chunks += 1
        store.append(.discovering([.sample(30_000 + Int64(chunks))]))
      }
      #expect(chunks == 3)
      #expect(known.count == 20_000)
      #expect(known.map(\.id) == [1] + urls.filter { $0.taskID == 1 }.map(\.id))
      #expect(known[3] == KnownURL(fingerprint: urls[2].fingerprint, id: 4))
      let ofBudgets = known.filter { $0.liftableReason == "budget_host" }.map(\.id)
      #expect(ofBudgets == urls.filter { $0.taskID == 1 && $0.reason == "budget_host" }.map(\.id))
      let others = known.filter { $0.liftableReason != nil && $0.liftableReason != "budget_host" }.map(\.id)
      #expect(others == [77, 79, 81], "79 was never asked for")
      try await store.close()
    }
  }

  @Test func hostsAndSeedsAreScanned() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(
        .discovering(
          [.sample(2), .sample(3, depth: 0, via: nil), .sample(4, depth: 1, via: nil), .sample(5, depth: 0)],
          hosts: (2...12_000).map { .sample($0) }))
      #expect(try await store.seedURLs(taskID: 1).map(\.id) == [1, 3])
      #expect(try await store.seedURLs(taskID: 1, after: 1).first == .sample(3, depth: 0, via: nil))
      #expect(try await store.loadTasks().map(\.counters.seeds) == [2])
      var hosts: [HostRecord] = []
      try await store.scanHosts { hosts += $0 }
      #expect(hosts.map(\.id) == Array(1...12_000))
      #expect(hosts[11_999] == .sample(12_000))
      try await store.close()
    }
  }

  /// A chain of two redirects from the one seed, and none from the other.
  @Test func whatMakesAScopeIsScanned() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(
        .discovering(
          [.sample(2, depth: 0), .sample(3, depth: 0), .sample(4)] + (5...2_005).map { .sample($0, depth: 0, via: nil) }
        ))
      for (id, target) in [(1, 2), (2, 3), (3, 4)] as [(Int64, Int64)] {
        let isEnd = target == 4
        var visit = VisitRecord(
          taskID: 1, updates: [URLUpdate(id: id, state: .done, reason: isEnd ? nil : "redirected", attempts: 1)],
          pageURLID: id, links: [LinkRecord(targetURLID: target, kind: isEnd ? "a" : "redirect")])
        visit.counters.move(from: .ready, to: .done)
        store.append(visit)
      }
      try await store.flush()
      var seeds: [String] = []
      var chunks: [Int] = []
      try await store.scanSeeds(taskID: 1) { chunk in
        seeds += chunk
        chunks.append(chunk.count)
      }
      #expect(seeds == ([1] + (5...2_005)).map { "http://host1.example/\($0)" })
      #expect(chunks == [1_000, 1_000, 2])
      var ends: [String] = []
      try await store.scanSeedChainEnds(taskID: 1) { ends += $0 }
      #expect(ends == ["http://host1.example/3"])
      #expect(try await store.inspectTask(1) == [])
      try await store.close()
    }
  }

  /// Rows of two tasks in turns, and of a third that came later.
  @Test func aWalkPassesTheRowsOfItsTasksAlone() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      let seed = { (id: Int64, task: Int64) in URLRecord.sample(id, taskID: task, depth: 0, via: nil) }
      for task in [2, 3] as [Int64] {
        try await store.insertTask(
          .sample(task, name: "\(task)"), seeds: .discovering([seed(task == 2 ? 3 : 20_001, task)], taskID: task),
          event: .sample(task))
      }
      let ids = Array(4...20_000 as ClosedRange<Int64>)
      for task in [1, 2] as [Int64] {
        store.append(.discovering(ids.filter { $0 % 2 == task % 2 }.map { .sample($0, taskID: task) }, taskID: task))
      }
      try await store.flush()
      for (task, known) in [(1, 9_999), (2, 10_000), (3, 1)] {
        var found: [KnownURL] = []
        try await store.scanKnownURLs(taskID: Int64(task)) { found += $0 }
        #expect(found.count == known && found.count { $0.isSeed } == 1)
        var accepted = 0
        try await store.scanAcceptedURLs(taskID: Int64(task), before: 30_000) { chunk in
          // What comes while it goes on is not among them.
          if accepted == 0 {
            store.append(.discovering([.sample(30_000 + Int64(task), taskID: Int64(task))], taskID: Int64(task)))
          }
          accepted += chunk.count
        }
        #expect(accepted == known)
      }
      var early = 0
      try await store.scanAcceptedURLs(taskID: 1, before: 5_001) { early += $0.count }
      #expect(early == 2_499)
      try await store.flush()
      try await store.removeTask(2)
      #expect(try await store.integer("SELECT count(*) FROM urls WHERE task_id <> 2") == 10_002)
      #expect(try await store.integer("SELECT count(*) FROM urls") == 10_002)
      // Broken off when its seed was gone already.
      try await store.control { try $0.database.execute("DELETE FROM urls WHERE id = 1") }
      try await store.removeTask(1, isResumed: true)
      #expect(try await store.texts("SELECT id FROM urls") == ["20001", "30003"])
      try await store.close()
    }
  }
}
