import Units

/// Rows under a headline, in aligned columns. Cells are escaped for a terminal here, so callers hand over web text as is.
package struct TextTable {
  package struct Column: Sendable {
    package enum Alignment: Sendable { case left, right }

    package var title: String
    package var alignment: Alignment
    /// Whether it gives way when the table is wider than the terminal; it is cut with `…`, down to 8 columns.
    package var givesWay: Bool
    /// Not nil: it gives way by being wrapped instead of cut, down to so many columns.
    package var wraps: Int?
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
      _ title: String, _ alignment: Alignment = .left, givesWay: Bool = false, wraps: Int? = nil,
      leaves: Leaving = .never
    ) {
      self.title = title
      self.alignment = alignment
      self.givesWay = givesWay || wraps != nil
      self.wraps = wraps
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
    let titles = columns.map { TerminalText.escape($0.title) }
    var widths = titles.map(TextWidth.columns)
    for row in rows {
      for (index, cell) in row.enumerated() { widths[index] = max(widths[index], TextWidth.columns(of: cell)) }
    }
    var shown = Array(columns.indices)
    if let width {
      leaveOut(.first, of: &shown, to: width) { widths[$0] }
      leaveOut(.last, of: &shown, to: width) { columns[$0].givesWay ? min(widths[$0], shortest($0)) : widths[$0] }
      shrink(&widths, of: shown, to: width)
    }
    var text = line(titles, shown, widths)
    for row in rows { text += lines(row, shown, widths) }
    return text
  }

  /// Columns of what gives way, at least.
  private func shortest(_ index: Int) -> Int { columns[index].wraps ?? 8 }

  private func lines(_ cells: [String], _ shown: [Int], _ widths: [Int]) -> String {
    guard shown.contains(where: { columns[$0].wraps != nil && TextWidth.columns(of: cells[$0]) > widths[$0] }) else {
      return line(cells, shown, widths)
    }
    let pieces = cells.indices.map { index in
      columns[index].wraps == nil ? [cells[index]] : TextWidth.wrap(cells[index], to: widths[index], breaksWords: true)
    }
    return (0..<(pieces.map(\.count).max() ?? 0)).map { number in
      line(pieces.map { number < $0.count ? $0[number] : "" }, shown, widths)
    }.joined()
  }

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
      let candidates = shown.filter { columns[$0].givesWay && widths[$0] > shortest($0) }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
      let next = candidates.filter { $0 != widest }.map { widths[$0] }.max() ?? 0
      let step = min(excess, max(1, widths[widest] - max(next, shortest(widest))))
      widths[widest] -= step
      excess -= step
    }
  }

  private func line(_ cells: [String], _ shown: [Int], _ widths: [Int]) -> String {
    var (text, blanks) = ("", 0)
    for index in shown {
      let cell = TextWidth.cut(cells[index], to: widths[index])
      let rest = max(0, widths[index] - TextWidth.columns(of: cell))
      let isLeft = columns[index].alignment == .left
      blanks += (index == shown.first ? 0 : 2) + (isLeft ? 0 : rest)
      if !cell.isEmpty {
        text += String(repeating: " ", count: blanks) + cell
        blanks = 0
      }
      if isLeft { blanks += rest }
    }
    while text.last == " " { text.removeLast() }
    return text + "\n"
  }
}
