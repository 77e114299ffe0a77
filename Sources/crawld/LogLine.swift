internal import Control
internal import FoundationEssentials
internal import Glibc
internal import Logging
internal import Units

/// Writes the daemon's log to stderr, a line per message: for people with journald's level prefix, or as JSON.
struct LogLine: LogHandler {
  var logLevel: Logger.Level
  let format: Configuration.Daemon.LogFormat
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let time = Timestamp.now()
    switch format {
    case .text:
      let prefix = Self.isJournal ? "<\(event.level.priority)>" : "\(time.iso8601(fractionDigits: 3)) "
      write("\(prefix)\(event.level.rawValue): \(TerminalText.escape(event.message.description))")
    case .json:
      let line = Line(at: time.microseconds, level: event.level.rawValue, message: event.message.description)
      if let data = try? JSONEncoder().encode(line) { write(String(decoding: data, as: UTF8.self)) }
    }
  }

  private func write(_ line: String) { StandardError.write(line) }

  private struct Line: Encodable {
    let at: Int64
    let level: String
    let message: String
  }

  /// systemd sets this when stderr goes to its journal, which has its own clock.
  private static let isJournal = getenv("JOURNAL_STREAM") != nil
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
