/// What every table, view and column of the database means, in a line each: what `crawlctl query --schema` shows.
package struct DataDictionary: Sendable {
  /// A column of a table or a view.
  package struct Entry: Sendable, Equatable {
    package var table: String
    /// `table` or `view`.
    package var kind: String
    package var column: String
    /// SQLite's type; empty for what a view computes.
    package var type: String
    package var meaning: String
  }

  private var purposes: [String: String] = [:]
  private var meanings: [String: [String: String]] = [:]

  /// Reads the text below: a table's line begins at the margin, its columns are indented.
  package init() {
    var table = ""
    for line in [Self.text, Self.views, Self.agents].joined(separator: "\n").split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true).map(String.init)
      guard words.count == 2 else { fatalError("the data dictionary has a line without a meaning: \(line)") }
      let meaning = String(words[1].drop { $0 == " " })
      if line.hasPrefix(" ") {
        meanings[table, default: [:]][words[0]] = meaning
      } else {
        table = words[0]
        purposes[table] = meaning
      }
    }
  }

  /// What a table or view is for; nil for one that is not ours.
  package func purpose(of table: String) -> String? { purposes[table] }

  /// What a column means; nil for one that is not ours.
  package func meaning(of column: String, in table: String) -> String? { meanings[table]?[column] }

  /// Everything that is explained, as `table` and `table.column`.
  package var names: Set<String> {
    Set(purposes.keys).union(meanings.flatMap { table, columns in columns.keys.map { "\(table).\($0)" } })
  }
}

extension QuerySession {
  /// Every column of every table and view of this file, tables first, each with its meaning.
  package func dictionary() throws -> [DataDictionary.Entry] {
    let dictionary = DataDictionary()
    var entries: [DataDictionary.Entry] = []
    let texts = { (values: [QueryValue]) in values.map { value in if case .text(let text) = value { text } else { "" } }
    }
    var tables: [[String]] = []
    let all = QueryLimits(rows: .max)
    _ = try run(
      "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' "
        + "AND name NOT IN (\(Self.shadowTables)) ORDER BY type, rowid", limits: all, begin: { _ in },
      row: { tables.append(texts($0)) })
    for table in tables {
      let name = table[0].split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      _ = try run(
        "PRAGMA table_info(\"\(name)\")", limits: all, begin: { _ in },
        row: { values in
          let column = texts(values)
          entries.append(
            DataDictionary.Entry(
              table: table[0], kind: table[1], column: column[1], type: column[2],
              meaning: dictionary.meaning(of: column[1], in: table[0]) ?? ""))
        })
    }
    return entries
  }
}
