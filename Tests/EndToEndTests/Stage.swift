// End-to-end tests: the real `crawld` and `crawlctl`, the test web, and two judges.
//
// What it is: each test gets a stage (a fresh directory, an event loop, a test web), starts the daemon as a child
// process, steers it with `crawlctl`, kills it, and judges by what the server's log says and what SQL on the database
// says. The two have to agree.
//
// Invariants:
// - A daemon is ready when it says so (NOTIFY_SOCKET, as systemd has it), never after some time.
// - What has to happen "in the middle" happens at a request that the server has seen, or while it holds one.
// - Nothing leaves 127.0.0.0/8, and every child has ended when a test ends.
//
// What it does not do: no test reads a figure of wall time; the limit of a stage only ends a test that would hang.

import EventLoop
import Glibc
import TestWeb
import Testing

/// All end-to-end tests. Each keeps one of the threads on which tests run until it ends, and there are as many of these as
/// processors: so many play at once.
@Suite struct EndToEndTests {}

/// What one test plays on.
struct Stage: Sendable {
  let loop: EventLoop
  let web: TestWeb
  let site: Site
  /// Of this test alone; removed at its end, unless CRAWLD_TEST_KEEP is set.
  let directory: String

  /// Its data directory's name.
  var dataName = "data"

  var data: String { "\(directory)/\(dataName)" }
  var database: String { "\(data)/crawl.db" }
  var socket: String { "\(directory)/control/crawld.sock" }
  var hostsFile: String { "\(directory)/hosts" }
  var configuration: String { "\(directory)/crawld.toml" }
  var log: String { "\(directory)/crawld.log" }

  /// Sets the stage, plays, and clears it away. A play that has not ended after `limit` is ended and fails.
  static func play(
    _ site: Site = Site(hosts: 1, pages: 1), limit: Duration = .seconds(120),
    _ body: @escaping @Sendable (Stage) async throws -> Void
  ) throws {
    try EventLoop.run {
      guard let loop = EventLoop.current else { throw EventLoopError.closed }
      let directory = try temporaryDirectory()
      let web = try await TestWeb.start(site, on: loop)
      let stage = Stage(loop: loop, web: web, site: await web.site, directory: directory)
      try TextFile.write(await web.hostsFile.text, to: stage.hostsFile)
      try TextFile.write(hasty, to: stage.configuration)
      do {
        try await loop.withTimeout(limit) { try await body(stage) }
      } catch {
        Issue.record("\(error)\nthe daemon's log ends with:\n\(stage.endOfLog)")
      }
      await web.close()
      if getenv("CRAWLD_TEST_KEEP") == nil { _ = try await loop.run("/bin/rm", ["-rf", directory]) }
    }
  }

  /// Waits of the daemon, as short as its configuration allows.
  private static let hasty = """
    [daemon]
    shutdown_grace = "2s"
    [fetch]
    connect_timeout = "5s"
    first_byte_timeout = "20s"
    low_speed_time = "5s"
    total_timeout = "30s"
    [politeness]
    max_attempts = 2
    retry_delay = "100ms"
    max_retry_delay = "1s"
    [robots]
    tries = 2
    window = "1s"

    """

  /// Configuration lines on top of the short waits; a section must not be among theirs.
  func configure(_ more: String) throws {
    try TextFile.write(Stage.hasty + more + "\n", to: configuration)
  }

  /// Configuration lines instead of the short waits.
  func replaceConfiguration(_ text: String) throws {
    try TextFile.write(text, to: configuration)
  }

  /// The URL of a target on a host of the site.
  func url(_ target: String, host: Int = 0) -> String { site.url(Site.Place(host: host, target: target)) }

  /// The URL on a name that is no host of the site.
  func url(_ target: String, on name: String) -> String { "http://\(name):\(site.port)\(target)" }

  private var endOfLog: String {
    guard let text = TextFile.read(log) else { return "(no log)" }
    return text.split(separator: "\n").suffix(30).joined(separator: "\n")
  }

  private static func temporaryDirectory() throws -> String {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/crawld-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TextFile.WriteError(path: parent, code: errno) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
