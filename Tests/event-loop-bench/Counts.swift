import BenchmarkCounts
import CAllocationCount

/// All counts that one process can take of itself.
enum Counts {
  /// The names that can be asked for by `--only`, and what each of them counts.
  static let groups: [(name: String, count: @Sendable () throws -> [Count])] =
    Workload.all.map { workload in (workload.name, { try counts(of: workload) }) } + [
      ("echo", echo),
      ("memory", memory),
    ]

  private static func counts(of workload: Workload) throws -> [Count] {
    let spent = try workload.measure(workload.counted)
    return counts(workload.name, spent, operations: workload.counted)
  }

  private static func counts(_ name: String, _ spent: Meter, operations: Int) -> [Count] {
    var counts = [
      Count(name: "\(name) jobs", value: Double(spent.jobs) / Double(operations)),
      // Whatever leaves the loop starts a thread of the runtime, which stays for a while.
      Count(name: "\(name) threads", value: Double(Kernel.threads(downTo: 1))),
    ]
    if allocation_count_is_available() {
      counts.append(Count(name: "\(name) allocations", value: Double(spent.allocations) / Double(operations)))
    }
    return counts
  }

  /// Alone, a message costs the same whatever the machine does. With 64 connections it depends on the other side how
  /// many messages one look at the kernel brings, so only what each message needs by itself is counted there.
  private static func echo() throws -> [Count] {
    var counts: [Count] = []
    for kind in Load.Kind.allCases {
      for connections in [1, 64] {
        let result = try Load.measure(on: kind, connections: connections, messages: connections == 1 ? 10_000 : 50_000)
        let name = "echo-\(kind.rawValue)-\(connections)"
        counts += Self.counts(name, result.spent, operations: result.messages)
        let calls = result.transfers + (connections == 1 ? result.spent.ticks : 0)
        counts.append(
          Count(
            name: "\(name) \(connections == 1 ? "system calls" : "transfers")",
            value: Double(calls) / Double(result.messages)))
      }
    }
    return counts
  }

  private static func memory() throws -> [Count] {
    let residue = try Memory.residueOfTimers(1_000_000)
    return [
      Count(name: "memory bytes-per-sleeper", value: try Memory.bytesPerSleeper(100_000)),
      Count(name: "memory timers-kept", value: residue.heap),
      Count(name: "memory timers-growth", value: residue.residentGrowth),
    ]
  }
}
