import Units

/// Facts about one thing, a label and a value per line. Values are escaped for a terminal here.
package struct TextSheet {
  private var lines: [(label: String, value: String)] = []

  package init() {}

  /// Adds a line; one with an empty label goes on with the value above.
  package mutating func add(_ label: String, _ value: String) {
    lines.append((label, TerminalText.escape(value)))
  }

  package func rendered() -> String {
    let width = lines.map { TextWidth.columns(of: $0.label) }.max() ?? 0
    return lines.map { line in
      line.label + String(repeating: " ", count: width - TextWidth.columns(of: line.label)) + "  " + line.value + "\n"
    }.joined()
  }
}
