import CSQLite
import EventLoop
import Foundation
import Store
import Testing

import struct Store.TaskRecord

/// A fresh directory that goes with the test.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/store-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
}

/// Runs a body as the main coroutine of a loop of its own, in a fresh directory.
func onLoop(
  clock: EventLoop.Clock = .monotonic, _ body: @escaping @Sendable (EventLoop, TemporaryDirectory) async throws -> Void
) throws {
  let directory = try TemporaryDirectory()
  let loop = try EventLoop(clock: clock)
  try loop.runUntilComplete { try await body(loop, directory) }
  try loop.close()
}

/// A generator with a seed, so that a failure can be had again.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// A reader in the midst of its transaction, as a user's long query is.
final class ReaderSnapshot {
  private var database: OpaquePointer?

  init(of path: String) throws {
    try #require(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK)
    try #require(sqlite3_exec(database, "BEGIN; SELECT count(*) FROM urls", nil, nil, nil) == SQLITE_OK)
  }

  deinit { end() }

  func end() {
    sqlite3_close(database)
    database = nil
  }
}

extension TaskRecord {
  static func sample(_ id: Int64 = 1, name: String = "task") -> TaskRecord {
    TaskRecord(
      id: id, name: name, clientKey: "key-\(id)", state: "queued", desiredState: "running",
      settings: #"{"depth":3}"#, settingsRevision: 1, createdAt: 1_000_000, runID: id)
  }
}

extension TaskEventRecord {
  static func sample(_ taskID: Int64 = 1, action: String = "add") -> TaskEventRecord {
    TaskEventRecord(taskID: taskID, at: 1_000_000, actor: "uid 1000", action: action, toState: "queued")
  }
}

extension URLRecord {
  static func sample(
    _ id: Int64, taskID: Int64 = 1, hostID: Int64 = 1, depth: Int = 1, priority: Int = 0, state: URLState = .ready,
    reason: String? = nil, dueAt: Int64? = nil, attempts: Int = 0, via: Int64? = 1
  ) -> URLRecord {
    URLRecord(
      id: id, taskID: taskID, hostID: hostID, url: "http://host\(hostID).example/\(id)",
      fingerprint: UInt64(id) &* 0x9e37_79b9_7f4a_7c15, depth: depth, priority: priority, state: state, reason: reason,
      dueAt: dueAt, attempts: attempts, viaURLID: via, discoveredAt: 2_000_000, runID: taskID)
  }
}

extension VisitRecord {
  /// New URLs, counted.
  static func discovering(_ urls: [URLRecord], hosts: [HostRecord] = [], taskID: Int64 = 1) -> VisitRecord {
    var counters = CounterDelta()
    for url in urls { counters.discover(in: url.state, isSeed: url.depth == 0 && url.viaURLID == nil) }
    return VisitRecord(taskID: taskID, newHosts: hosts, discovered: urls, counters: counters)
  }

  /// A page that was fetched: it is done, and has links to new URLs.
  static func page(_ id: Int64, links targets: [Int64]) -> VisitRecord {
    var counters = CounterDelta(finalAnswers: 1, okAnswers: 1)
    counters.move(from: .ready, to: .done)
    for _ in targets { counters.discover(in: .ready, isSeed: false) }
    let fetch = FetchRecord(
      id: id, urlID: id, hostID: 1, taskID: 1, runID: 1, startedAt: 3_000_000, status: 200, outcome: "ok",
      wireBytes: 100, bodyBytes: 300, contentType: "text/html", timeFirstByte: 4000, timeTotal: 5000)
    counters.count(fetch)
    return VisitRecord(
      taskID: 1, discovered: targets.map { .sample($0, via: id) },
      updates: [URLUpdate(id: id, state: .done, attempts: 1)],
      fetches: [fetch],
      page: PageRecord(
        urlID: id, runID: 1, fetchID: id, title: "Page \(id)", linkCount: targets.count, fetchedAt: 3_000_000),
      pageURLID: id, links: targets.map { LinkRecord(targetURLID: $0, kind: "a") }, counters: counters)
  }

  /// The page of a task's seed is what an earlier fetch has brought. Task, run, URL and fetch have one number.
  static func notModified(
    _ id: Int64, earlier: Int64, _ change: (inout FetchRecord) -> Void = { _ in }
  ) -> VisitRecord {
    var fetch = FetchRecord(
      id: id, urlID: id, hostID: 1, taskID: id, runID: id, startedAt: 5, status: 304, outcome: "not_modified",
      change: .notModified, earlierFetchID: earlier)
    change(&fetch)
    var counters = CounterDelta(finalAnswers: 1, okAnswers: 1)
    counters.move(from: .ready, to: .done)
    counters.changes[.notModified] += 1
    counters.count(fetch)
    return VisitRecord(
      taskID: id, updates: [URLUpdate(id: id, state: .done, reason: "not_modified", attempts: 1)], fetches: [fetch],
      page: PageRecord(urlID: id, runID: id, fetchID: id, fetchedAt: 5), pageURLID: id, counters: counters)
  }
}

extension HostRecord {
  static func sample(_ id: Int64) -> HostRecord {
    HostRecord(id: id, scheme: "http", name: "host\(id).example", port: 80, registrableDomain: "host\(id).example")
  }
}

/// Holds a store for several coroutines, as its owner does.
actor Keeper: LoopActor {
  nonisolated let loop: EventLoop
  private var store: Store?

  init(loop: EventLoop) {
    self.loop = loop
  }

  func open(_ path: String, _ policy: StorePolicy) async throws {
    store = try await Store(path: path, loop: loop, policy: policy)
  }

  func use<T: Sendable>(_ body: @Sendable (Store) async throws -> T) async throws -> T {
    try await body(try #require(store))
  }
}

extension Store {
  /// A task with one seed (URL 1) on host 1.
  func insertSampleTask() async throws {
    try await insertTask(
      .sample(), seeds: .discovering([.sample(1, depth: 0, via: nil)], hosts: [.sample(1)]), event: .sample())
  }

  func integer(_ sql: String) async throws -> Int64? { try await read { try $0.integer(sql) } }

  /// The first column of all rows.
  func texts(_ sql: String) async throws -> [String] {
    try await read { database in
      let row = try database.statement(sql)
      defer { row.reset() }
      var texts: [String] = []
      while try row.step() { texts.append(row.text(0)) }
      return texts
    }
  }
}

/// What the doctor says of one sort after SQL has changed what these visits had stored.
func problemsFound(_ check: Finding.Check, of visits: [VisitRecord], after sql: String) throws -> [String] {
  let found = Found()
  try onLoop { loop, directory in
    let path = directory.file("crawl.db")
    let store = try await Store(path: path, loop: loop)
    try await store.insertSampleTask()
    for visit in visits { store.append(visit) }
    try await store.flush()
    try await store.control { try $0.database.execute(sql) }
    found.problems = Examination(path: path).findings.filter { $0.check == check }.map(\.sentence)
    try await store.close()
  }
  return found.problems
}

private final class Found: @unchecked Sendable {
  var problems: [String] = []
}
