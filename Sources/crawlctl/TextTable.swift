import Units

/// Rows under a headline, in aligned columns. Cells are escaped for a terminal here, so callers hand over web text as is.
package struct TextTable {
  package struct Column: Sendable {
    package enum Alignment: Sendable { case left, right }

    package var title: String
    package var alignment: Alignment
    /// Whether it gives way when the table is wider than the terminal; it is cut with `…`, down to 8 columns.
    package var givesWay: Bool
    /// When it is left out of a table that is wider than the terminal.
    package var leaves: Leaving

    package enum Leaving: Sendable {
      case never
      /// Before a cell is cut.
      case first
      /// When the cells that give way are as short as may be; of several the one furthest right.
      case last
    }

    package init(
      _ title: String, _ alignment: Alignment = .left, givesWay: Bool = false, leaves: Leaving = .never
    ) {
      self.title = title
      self.alignment = alignment
      self.givesWay = givesWay
      self.leaves = leaves
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
    var shown = Array(columns.indices)
    if let width {
      leaveOut(.first, of: &shown, to: width) { widths[$0] }
      leaveOut(.last, of: &shown, to: width) { columns[$0].givesWay ? min(widths[$0], Self.shortest) : widths[$0] }
      shrink(&widths, of: shown, to: width)
    }
    var text = line(columns.map(\.title), shown, widths)
    for row in rows { text += line(row, shown, widths) }
    return text
  }

  /// Columns of what gives way, at least.
  private static let shortest = 8

  private func leaveOut(_ leaving: Column.Leaving, of shown: inout [Int], to width: Int, _ columns: (Int) -> Int) {
    while shown.reduce(0, { $0 + columns($1) }) + 2 * (shown.count - 1) > width {
      guard let index = shown.lastIndex(where: { self.columns[$0].leaves == leaving }) else { return }
      shown.remove(at: index)
    }
  }

  /// Takes from the widest of the columns that give way until the table fits, or none can give more.
  private func shrink(_ widths: inout [Int], of shown: [Int], to width: Int) {
    var excess = shown.reduce(0) { $0 + widths[$1] } + 2 * (shown.count - 1) - width
    while excess > 0 {
      let candidates = shown.filter { columns[$0].givesWay && widths[$0] > Self.shortest }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
      let next = candidates.filter { $0 != widest }.map { widths[$0] }.max() ?? Self.shortest
      let step = min(excess, max(1, widths[widest] - max(next, Self.shortest)))
      widths[widest] -= step
      excess -= step
    }
  }

  private func line(_ cells: [String], _ shown: [Int], _ widths: [Int]) -> String {
    var text = ""
    for index in shown {
      let cell = TextWidth.cut(cells[index], to: widths[index])
      let blanks = String(repeating: " ", count: max(0, widths[index] - TextWidth.columns(of: cell)))
      if index != shown.first { text += "  " }
      text += columns[index].alignment == .left ? cell + blanks : blanks + cell
    }
    while text.last == " " { text.removeLast() }
    return text + "\n"
  }
}
