import CDiskControl
import EventLoop
import Glibc
import Testing

/// The disk under a daemon's data directory, as a library sees it that is preloaded into the daemon: what it does with
/// its files is counted and recorded, and fails as ordered. Other processes are not touched.
struct Disk: Sendable {
  /// Calls that can be counted and made to fail.
  enum Call: Int, CaseIterable, Sendable {
    case write, sync, open
  }

  // The daemon has the same bytes mapped; both go by whole words alone.
  private nonisolated(unsafe) let control: UnsafeMutablePointer<disk_control>
  /// What the daemon's environment needs.
  let environment: [String: String]
  /// Where the record goes.
  let record: String

  /// - Parameter isRecording: all that changes the files of the data directory is written down.
  init(of stage: Stage, name: String = "disk", isRecording: Bool = false) throws {
    let path = "\(stage.directory)/\(name)"
    record = "\(path).record"
    control = try #require(disk_control_create(path, stage.data, isRecording ? record : ""))
    let library = "\(Programs.directory)/libDiskFaults.so"
    try #require(access(library, R_OK) == 0, "\(library) was not built")
    environment = ["LD_PRELOAD": library, "CRAWLD_TEST_DISK": path]
  }

  /// Calls so far.
  func count(_ call: Call) -> Int { Int(disk_load(counts(call))) }

  /// Calls so far that failed by order.
  func failures(_ call: Call) -> Int { Int(disk_load(failed(call))) }

  /// Entries of the record so far.
  var entries: Int { Int(disk_load(&control.pointee.entries)) }

  /// Has calls with these numbers, from 1, fail.
  func fail(_ call: Call, _ numbers: ClosedRange<Int>, with error: Int32) {
    withFault(call) { fault in
      disk_store(&fault.pointee.error, UInt64(error))
      disk_store(&fault.pointee.last, UInt64(numbers.upperBound))
      disk_store(&fault.pointee.first, UInt64(numbers.lowerBound))
    }
  }

  func fail(_ order: (call: Call, numbers: ClosedRange<Int>, error: Int32)) {
    fail(order.call, order.numbers, with: order.error)
  }

  /// Has all calls fail from now on.
  func fail(_ call: Call, with error: Int32) { fail(call, 1...Int.max, with: error) }

  /// Nothing fails any more.
  func heal() {
    for call in Call.allCases { withFault(call) { disk_store(&$0.pointee.first, 0) } }
  }

  /// Says that there is so much room; nil: as much as there is.
  func setFree(_ bytes: Int?, of total: Int = 1 << 30) {
    disk_store(&control.pointee.free_bytes, UInt64(bytes ?? 0))
    disk_store(&control.pointee.total_bytes, bytes == nil ? 0 : UInt64(total))
  }

  private func counts(_ call: Call) -> UnsafeMutablePointer<UInt64> {
    word(at: MemoryLayout<disk_control>.offset(of: \.counts) ?? 0, call.rawValue)
  }

  private func failed(_ call: Call) -> UnsafeMutablePointer<UInt64> {
    word(at: MemoryLayout<disk_control>.offset(of: \.failures) ?? 0, call.rawValue)
  }

  private func word(at offset: Int, _ index: Int) -> UnsafeMutablePointer<UInt64> {
    (UnsafeMutableRawPointer(control) + offset).assumingMemoryBound(to: UInt64.self) + index
  }

  private func withFault(_ call: Call, _ body: (UnsafeMutablePointer<disk_fault>) -> Void) {
    let offset = MemoryLayout<disk_control>.offset(of: \.faults) ?? 0
    body((UnsafeMutableRawPointer(control) + offset).assumingMemoryBound(to: disk_fault.self) + call.rawValue)
  }
}

extension Stage {
  /// Asks for the daemon's status until it warns of nothing.
  func waitUntilAllIsWell() async throws {
    while try await control("status").contains("warning") {}
  }

  /// Asks for the daemon's status until it says that fetching is held up by `reason`; nil: by nothing.
  func waitForHold(_ reason: String?, of task: String) async throws {
    let hold = reason.map { "\"hold\":\"\($0)\"" } ?? "\"hold\""
    while true {
      let shown = try await control("ls", "--json")
      let line = shown.split(separator: "\n").first { $0.contains("\"name\":\"\(task)\"") } ?? ""
      if line.contains(hold) == (reason != nil) { return }
    }
  }
}
