/// Texts as a shell takes them, for the commands that hints show.
package enum ShellText {
  /// The text itself if a POSIX shell takes it as one word, else in single quotes.
  package static func quote(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./:@%+,=".utf8.contains(byte)
      }
    }
    if plain, !text.isEmpty { return text }
    return "'" + text.replacingScalars { $0 == "'" ? #"'\''"# : nil } + "'"
  }
}

extension String {
  /// The text with other texts for some of its scalars, for formats that give a scalar a meaning. Swift's characters won't
  /// do: a combining mark behind a quote makes another character of both, and the quote is one all the same.
  func replacingScalars(_ replacement: (Unicode.Scalar) -> String?) -> String {
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if let text = replacement(scalar) {
        result.append(contentsOf: text.unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}
