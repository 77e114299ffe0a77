import Glibc

/// The line on a terminal that says how far a task is; nothing where nobody watches. Belongs to the loop's thread.
final class ProgressLine: @unchecked Sendable {
  let isLive = Output.isInteractive
  private var isShown = false

  /// Columns that there are for it.
  var width: Int { Output.width(of: STDERR_FILENO) ?? 80 }

  func show(_ text: String) {
    guard isLive else { return }
    Output.progress("\r\u{1B}[K" + text)
    isShown = true
  }

  /// Takes it away.
  func clear() {
    if isShown { Output.progress("\r\u{1B}[K") }
    isShown = false
  }

  /// Leaves it there: what is said next begins on a line of its own.
  func end() {
    if isShown { Output.progress("\n") }
    isShown = false
  }
}
