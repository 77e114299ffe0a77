internal import Control
internal import FoundationEssentials
internal import Glibc
internal import Logging
internal import Synchronization
internal import Units

/// Writes the daemon's log to stderr, a line per message: for people with journald's level prefix, or as JSON. The daemon
/// waits for nobody who reads it: lines that find no room are dropped, and the next one is preceded by their number.
struct LogLine: LogHandler {
  var logLevel: Logger.Level
  let format: Configuration.Daemon.LogFormat
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  private static let dropped = Atomic<Int>(0)

  func log(event: LogEvent) {
    let dropped = Self.dropped.load(ordering: .relaxed)
    if dropped > 0, write(.warning, "\(dropped) lines before this one were dropped: nobody read the log") {
      Self.dropped.subtract(dropped, ordering: .relaxed)
    }
    if !write(event.level, event.message.description) { Self.dropped.add(1, ordering: .relaxed) }
  }

  private func write(_ level: Logger.Level, _ message: String) -> Bool {
    let time = Timestamp.now()
    switch format {
    case .text:
      let prefix = Self.isJournal ? "<\(level.priority)>" : "\(time.iso8601(fractionDigits: 3)) "
      return StandardError.write("\(prefix)\(level.rawValue): \(TerminalText.escape(message))")
    case .json:
      let line = Line(at: time.microseconds, level: level.rawValue, message: message)
      guard let data = try? JSONEncoder().encode(line) else { return true }
      return StandardError.write(String(decoding: data, as: UTF8.self))
    }
  }

  private struct Line: Encodable {
    let at: Int64
    let level: String
    let message: String
  }

  /// Whether stderr goes to systemd's journal, which has its own clock: the variable names device and inode of what systemd
  /// connected, in the place of which there may be a file by now (systemd.exec(5)).
  private static let isJournal: Bool = {
    var status = stat()
    guard let stream = getenv("JOURNAL_STREAM"), fstat(STDERR_FILENO, &status) == 0 else { return false }
    return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
  }()
}

extension Logger.Level {
  /// syslog's number (sd-daemon(3)).
  fileprivate var priority: Int {
    switch self {
    case .critical: 2
    case .error: 3
    case .warning: 4
    case .notice: 5
    case .info: 6
    case .debug, .trace: 7
    }
  }
}
