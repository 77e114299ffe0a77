import Glibc

/// The terminal as one screen that is drawn over and over. What was on it comes back at the end.
final class TerminalScreen: @unchecked Sendable {
  private var before = termios()
  private var hasKeys = false

  /// Takes the terminal over. Belongs to the loop's thread.
  init() {
    take()
  }

  /// No echo, keys at once, another screen, no cursor.
  func take() {
    hasKeys = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &before) == 0
    if hasKeys {
      var quiet = before
      quiet.c_lflag &= ~tcflag_t(ICANON | ECHO)
      tcsetattr(STDIN_FILENO, TCSANOW, &quiet)
    }
    Output.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J")
  }

  /// Gives it back as it was.
  func restore() {
    Output.write("\u{1B}[?25h\u{1B}[?1049l")
    if hasKeys { tcsetattr(STDIN_FILENO, TCSANOW, &before) }
  }

  /// Columns and rows as they are now.
  var size: (width: Int, height: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Shows the lines from the top, and nothing below them.
  func draw(_ lines: [String]) {
    Output.write("\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
  }

  /// The keys that were pressed since the last call; empty when there are none to come.
  func keys() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(STDIN_FILENO, &bytes, bytes.count)
    return count > 0 ? Array(bytes[..<count]) : []
  }
}
