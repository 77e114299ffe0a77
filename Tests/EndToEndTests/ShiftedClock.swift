import Glibc
import Testing

/// The time of day of the programs that have this environment: the machine's, plus what the test says. Their other clocks
/// go on as they are; but if the machine has slept, the one that counts this is later, too.
struct ShiftedClock: Sendable {
  /// What the programs' environment needs.
  let environment: [String: String]
  private let path: String

  init(of stage: Stage) throws {
    path = "\(stage.directory)/clock"
    let library = "\(Programs.directory)/libClockShift.so"
    try #require(access(library, R_OK) == 0, "\(library) was not built")
    environment = ["LD_PRELOAD": library, "CRAWLD_TEST_CLOCK": path]
    try write(.zero, at: 8)
    try set(.zero)
  }

  /// Their clocks are wrong by this from now on.
  func set(_ shift: Duration) throws { try write(shift, at: 0) }

  /// Their machine has slept for so long.
  func sleep(_ duration: Duration) throws { try write(duration, at: 8) }

  private func write(_ duration: Duration, at place: off_t) throws {
    let (seconds, attoseconds) = duration.components
    var nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    // It is mapped by them: a word is written at once.
    try #require(pwrite(file, &nanoseconds, 8, place) == 8)
  }
}

extension Stage {
  /// Runs a verb by a clock, which has to end with 0.
  @discardableResult
  func control(_ arguments: [String], by clock: ShiftedClock) async throws -> String {
    let ended = try await loop.run(
      Programs.crawlctl, arguments + ["--socket", socket], environment: clock.environment)
    guard ended.code == 0 else { throw UnexpectedExit(arguments: arguments, ended: ended) }
    return ended.output
  }
}
