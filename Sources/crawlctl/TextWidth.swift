/// How many columns of a terminal a text takes.
package enum TextWidth {
  /// Columns of the text: 2 for what East Asian fonts and emoji show wide, 0 for marks that combine, else 1. O(text).
  package static func columns(of text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
  }

  /// The text, or as much of its beginning as leaves room for `…`.
  package static func cut(_ text: String, to limit: Int) -> String {
    guard limit > 0, columns(of: text) > limit else { return text }
    var result = String.UnicodeScalarView()
    var used = 1
    for scalar in text.unicodeScalars {
      used += columns(of: scalar)
      if used > limit { break }
      result.append(scalar)
    }
    return String(result) + "…"
  }

  /// The text in lines of at most so many columns, broken at blanks; a longer word is a line of its own, or broken.
  package static func wrap(_ text: String, to limit: Int, breaksWords: Bool = false) -> [String] {
    var lines: [String] = []
    var line: String?
    var used = 0
    for part in text.split(separator: " ", omittingEmptySubsequences: false) {
      var (word, length) = (String(part), columns(of: String(part)))
      if let begun = line, used + 1 + length <= limit {
        line = begun + " " + word
        used += 1 + length
        continue
      }
      // Of several blanks none begins a line.
      if word.isEmpty, line != nil { continue }
      if let begun = line { lines.append(begun) }
      while breaksWords, length > limit {
        let piece = beginning(of: word, limit)
        lines.append(String(piece))
        word.unicodeScalars.removeFirst(piece.count)
        length = columns(of: word)
      }
      (line, used) = (word, length)
    }
    if let line { lines.append(line) }
    return lines
  }

  /// A text behind so many columns of its first line, its other lines below itself.
  ///
  /// - Parameter width: the terminal's columns; nil: it is no terminal, and one line.
  package static func hang(_ text: String, indent: Int, width: Int?) -> String {
    guard let width, width - indent >= 20 else { return text }
    return wrap(text, to: width - indent).joined(separator: "\n" + String(repeating: " ", count: indent))
  }

  /// As many scalars as have room, at least one.
  private static func beginning(of text: String, _ limit: Int) -> String.UnicodeScalarView {
    var result = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars {
      used += columns(of: scalar)
      if used > limit, !result.isEmpty { break }
      result.append(scalar)
    }
    return result
  }

  private static func columns(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0..<0x300: return 1
    // Unicode's East Asian Width "W" and "F", in blocks.
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      return 2
    default:
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .format: return 0
      default: return 1
      }
    }
  }
}
