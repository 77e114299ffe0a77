import Units

/// Facts about one thing, a label and a value per line. Values are escaped for a terminal here.
package struct TextSheet {
  private var lines: [(label: String, value: String)] = []

  package init() {}

  /// Adds a line; one with an empty label goes on with the value above.
  package mutating func add(_ label: String, _ value: String) {
    lines.append((label, TerminalText.escape(value)))
  }

  /// - Parameter width: the terminal's columns, at which values are wrapped, words kept whole; nil: they are not.
  package func rendered(width: Int? = nil) -> String {
    let indent = (lines.map { TextWidth.columns(of: $0.label) }.max() ?? 0) + 2
    return lines.map { line in
      let label = line.label + String(repeating: " ", count: indent - TextWidth.columns(of: line.label))
      return label + TextWidth.hang(line.value, indent: indent, width: width) + "\n"
    }.joined()
  }
}
