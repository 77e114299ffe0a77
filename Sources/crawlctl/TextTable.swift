import Units

/// Rows under a headline, in aligned columns. Cells are escaped for a terminal here, so callers hand over web text as is.
package struct TextTable {
  package struct Column: Sendable {
    package enum Alignment: Sendable { case left, right }

    package var title: String
    package var alignment: Alignment
    /// Whether it gives way when the table is wider than the terminal; it is cut with `…`, down to 8 columns.
    package var givesWay: Bool

    package init(_ title: String, _ alignment: Alignment = .left, givesWay: Bool = false) {
      self.title = title
      self.alignment = alignment
      self.givesWay = givesWay
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  package init(_ columns: [Column]) {
    self.columns = columns
  }

  package var isEmpty: Bool { rows.isEmpty }

  /// Adds a row; one cell per column.
  package mutating func append(_ cells: [String]) {
    guard cells.count == columns.count else {
      fatalError("a row has \(cells.count) cells for \(columns.count) columns")
    }
    rows.append(cells.map(TerminalText.escape))
  }

  /// The table as text, each line with its line feed, none with blanks at its end.
  ///
  /// - Parameter width: the terminal's columns; nil when nothing is to be cut.
  package func rendered(width: Int?) -> String {
    var widths = columns.map { TextWidth.columns(of: $0.title) }
    for row in rows {
      for (index, cell) in row.enumerated() { widths[index] = max(widths[index], TextWidth.columns(of: cell)) }
    }
    if let width { shrink(&widths, to: width) }
    var text = line(columns.map(\.title), widths)
    for row in rows { text += line(row, widths) }
    return text
  }

  /// Takes from the widest of the columns that give way until the table fits, or none can give more.
  private func shrink(_ widths: inout [Int], to width: Int) {
    var excess = widths.reduce(0, +) + 2 * (widths.count - 1) - width
    while excess > 0 {
      let candidates = widths.indices.filter { columns[$0].givesWay && widths[$0] > 8 }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
      let next = candidates.filter { $0 != widest }.map { widths[$0] }.max() ?? 8
      let step = min(excess, max(1, widths[widest] - max(next, 8)))
      widths[widest] -= step
      excess -= step
    }
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var text = ""
    for (index, cell) in cells.enumerated() {
      let shown = TextWidth.cut(cell, to: widths[index])
      let blanks = String(repeating: " ", count: max(0, widths[index] - TextWidth.columns(of: shown)))
      if index > 0 { text += "  " }
      text += columns[index].alignment == .left ? shown + blanks : blanks + shown
    }
    while text.last == " " { text.removeLast() }
    return text + "\n"
  }
}
