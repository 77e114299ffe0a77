import Glibc
import Testing
import crawld

/// README's table of bounds names keys of the configuration and tests; both have to be there.
@Suite struct BoundsTableTests {
  private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

  private func text(_ path: String) throws -> String {
    let file = try #require(fopen(path, "r"), "\(path)")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk.prefix(count) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The cells of the table below a heading, without the table's own head.
  private func rows(below heading: String) throws -> [[Substring]] {
    let lines = try text(Self.root + "/README.md").split(separator: "\n")
    let start = try #require(lines.firstIndex { $0 == heading })
    let table = lines[start...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
    return table.dropFirst(2).map { line in
      line.split(separator: " | ").map { cell in
        Substring(cell.filter { $0 != "|" }).drop { $0 == " " }
      }
    }
  }

  /// What stands in backquotes.
  private func code(in cell: Substring) -> [Substring] {
    let parts = cell.split(separator: "`", omittingEmptySubsequences: false)
    return stride(from: 1, to: parts.count, by: 2).map { parts[$0] }
  }

  @Test func everyRowNamesWhatIsThere() throws {
    let rows = try rows(below: "### Every queue, cache and buffer")
    #expect(rows.count > 30)
    let keys = Set(Configuration.keys.map { "\($0.section).\($0.name)" })
    var sources: [Substring: String] = [:]
    for row in rows {
      try #require(row.count == 5, "\(row)")
      for key in code(in: row[2]) where key.contains(".") { #expect(keys.contains(String(key)), "\(key)") }
      let tests = code(in: row[4])
      #expect(!tests.isEmpty, "no test: \(row[0])")
      for test in tests {
        // Room/File.test, with the test's words as they stand in the file.
        let (file, name) = try #require(
          test.firstIndex(of: ".").map { (test[..<$0], test[test.index(after: $0)...]) }, "\(test)")
        if sources[file] == nil { sources[file] = try text("\(Self.root)/Tests/\(file).swift") }
        #expect(
          sources[file]?.contains("func \(name)(") == true || sources[file]?.contains("func `\(name)`(") == true,
          "\(test)")
      }
    }
  }
}
