/// Finds the line of a key, which the TOML library does not tell: one pass over the file that knows section headers,
/// keys (bare, quoted, dotted) and texts over several lines.
struct LineFinder {
  private var lines: [[String]: Int] = [:]

  init(_ text: String) {
    var section: [String] = []
    var openText: Substring?
    for (index, line) in Self.split(text).enumerated() {
      var rest = line.drop { $0 == " " || $0 == "\t" }
      if let end = openText {
        guard let range = Self.range(of: end, in: rest) else { continue }
        openText = nil
        rest = rest[range.upperBound...]
        continue
      }
      if rest.hasPrefix("[") {
        section = Self.parts(rest.drop { $0 == "[" }, until: "]")
        note(section, index + 1)
      } else if !rest.hasPrefix("#") {
        let path = section + Self.parts(rest, until: "=")
        for count in stride(from: section.count + 1, through: path.count, by: 1) {
          note(Array(path.prefix(count)), index + 1)
        }
      }
      openText = Self.openText(rest)
    }
  }

  /// The lines of a text. To Swift, the two characters at the end of a line of Windows are one, and no line feed.
  static func split(_ text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
  }

  /// The line of a key, else of its section; nil when neither is found.
  func line(section: String, key: String?) -> Int? { line([section] + (key.map { [$0] } ?? [])) }

  /// The line of a key, else of the nearest thing that it is in.
  func line(_ path: [String]) -> Int? {
    for count in stride(from: path.count, to: 0, by: -1) {
      if let line = lines[Array(path.prefix(count))] { return line }
    }
    return nil
  }

  /// The key that stands first in a line, with what it is in; nil where there is none, or it has stood before.
  func path(ofLine number: Int) -> [String]? {
    lines.filter { $0.value == number }.map(\.key).max { $0.count < $1.count }
  }

  private mutating func note(_ path: [String], _ line: Int) {
    if lines[path] == nil { lines[path] = line }
  }

  /// The parts of a key up to `end`; none when the line has no `end`.
  private static func parts(_ text: Substring, until end: Character) -> [String] {
    var parts: [String] = []
    var part = ""
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil } else { part.append(character) }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == "." {
        parts.append(part)
        part = ""
      } else if character == end {
        return parts + [part]
      } else if character == "#" {
        return []
      } else if character != " ", character != "\t" {
        part.append(character)
      }
    }
    return []
  }

  /// The delimiter of a text that begins in this line and does not end in it.
  private static func openText(_ line: Substring) -> Substring? {
    for delimiter in ["\"\"\"", "'''"] as [Substring] {
      guard let first = range(of: delimiter, in: line) else { continue }
      return range(of: delimiter, in: line[first.upperBound...]) == nil ? delimiter : nil
    }
    return nil
  }

  private static func range(of part: Substring, in text: Substring) -> Range<Substring.Index>? {
    var rest = text
    while !rest.isEmpty {
      if rest.hasPrefix(part) { return rest.startIndex..<rest.index(rest.startIndex, offsetBy: part.count) }
      rest = rest.dropFirst()
    }
    return nil
  }
}
