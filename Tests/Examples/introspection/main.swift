import EventLoop

/// Tells what it waits for only when somebody looks: no cost while nobody does.
final class Download: TaskDetail {
  var bytes = 0
  let waitingSince = Instant(nanoseconds: 0)
  var waitingFor: String? { "the rest, \(bytes) bytes are here" }
}

// Virtual time, so that the instants are the same in every run.
let loop = try EventLoop(clock: .virtual)
try loop.runUntilComplete {
  let sleeper = loop.startTask(name: "sleeper") { try await loop.sleep(for: .seconds(60)) }
  let patient = loop.startTask(name: "patient") {
    // The author's words stand in the table in place of the loop's.
    try await loop.waiting(for: "better times") { try await loop.sleep(for: .seconds(60)) }
  }
  let download = loop.startTask(name: "download") {
    let detail = Download()
    EventLoop.currentTask?.detail = detail
    detail.bytes = 4_096
    try await loop.sleep(for: .seconds(60))
  }

  try await loop.sleep(for: .seconds(5))
  for row in loop.snapshotTasks() {
    print("\(row.name): \(row.waitingFor ?? "runs"), since \(row.since)")
  }
  print("\(loop.taskCount) coroutines, \(loop.statistics.pendingDeadlines) deadlines")

  for coroutine in [sleeper, patient, download] { coroutine.cancel() }
  for coroutine in [sleeper, patient, download] { _ = await coroutine.result }

  // What holds everything else up is reported by its name.
  var names: [String] = []
  loop.reportSlowCalls(over: .milliseconds(40)) { names.append($0.name) }
  let greedy = loop.startTask(name: "greedy") {
    let start = Instant.monotonicNow
    while Instant.monotonicNow - start < .milliseconds(80) {}
  }
  try await greedy.value
  loop.reportSlowCalls(over: .zero, nil)
  for name in names where name.contains("greedy") { print("\(name) held the loop") }
}
try loop.close()
