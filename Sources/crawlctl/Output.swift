import Control
import Glibc
import Units

/// stdout for results, stderr for everything else. What can't be written to stdout ends the program, which says why.
enum Output {
  /// Writes text to stdout as it is. A reader that went away ends the program: it has seen all that it wanted.
  static func write(_ text: String) {
    write(Array(text.utf8), to: STDOUT_FILENO)
  }

  /// Writes one line to stdout; control characters in it are escaped.
  static func line(_ text: String) {
    write(TerminalText.escape(text) + "\n")
  }

  static func write(_ bytes: [UInt8]) {
    write(bytes, to: STDOUT_FILENO)
  }

  /// Writes a value as one line of JSON to stdout.
  static func json(_ value: some Encodable) throws {
    write(try JSONLine.encode(value) + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
  }

  /// Writes one line to stderr; control characters in it are escaped.
  static func diagnostic(_ text: String) {
    write(Array((TerminalText.escape(text) + "\n").utf8), to: STDERR_FILENO)
  }

  /// Writes to stderr as it is: a progress bar with its own controls.
  static func progress(_ text: String) {
    write(Array(text.utf8), to: STDERR_FILENO)
  }

  /// Shows a table as wide as the terminal, or uncut where there is none.
  static func table(_ table: TextTable) {
    write(table.rendered(width: width))
  }

  static func table(_ table: TextTable, _ options: TableOptions) {
    write(table.rendered(width: options.width))
  }

  /// Shows facts, wrapped where stdout is a terminal.
  static func sheet(_ sheet: TextSheet) {
    write(sheet.rendered(width: width))
  }

  /// Writes to stdout what its reader takes in this time; returns how many bytes that is.
  static func write(_ bytes: [UInt8], within time: Duration) -> Int {
    let end = Timestamp.sinceStart() + Int64(min(time / .microseconds(1), 1e15))
    // What a terminal, or a pipe (PIPE_BUF), takes at once when it says that it has room.
    let piece = isatty(STDOUT_FILENO) == 1 ? 256 : 4_096
    var written = 0
    while written < bytes.count {
      let rest = end - Timestamp.sinceStart()
      if rest <= 0 { break }
      var room = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
      guard poll(&room, 1, Int32(clamping: rest / 1_000 + 1)) > 0 else { continue }
      let next = min(written + piece, bytes.count)
      write(Array(bytes[written..<next]), to: STDOUT_FILENO)
      written = next
    }
    return written
  }

  /// Columns of the terminal that stdout is; nil when it is none.
  static var width: Int? { width(of: STDOUT_FILENO) }

  /// Whether a person watches: both streams are a terminal.
  static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// Columns of the terminal; nil when the stream is none or does not tell.
  static func width(of descriptor: CInt) -> Int? {
    var size = winsize()
    guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  private static func write(_ bytes: [UInt8], to descriptor: CInt) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if written < 0, errno == EAGAIN {
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&ready, 1, -1)
      } else if written < 0, errno == EPIPE {
        // The exit code still tells whom nobody listens to on stderr.
        if descriptor != STDOUT_FILENO { return }
        exit(ExitStatus.ok.rawValue)
      } else if written < 0, errno != EINTR {
        if descriptor == STDOUT_FILENO { diagnostic("crawlctl: stdout: \(SystemText.describe(errno))") }
        exit(ExitStatus.failed.rawValue)
      }
    }
  }
}
