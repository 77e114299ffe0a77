/// Text that came from the web, made safe to show: it can neither move the cursor nor turn the line around.
package enum TerminalText {
  /// Escapes as `\u{1B}` what a terminal would obey: C0 and C1 controls (line feed and tab too), DEL, bidirectional
  /// controls, and the line and paragraph separators. Everything else stays as it is. Linear.
  package static func escape(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    result.reserveCapacity(text.utf8.count + 16)
    for scalar in text.unicodeScalars {
      if isControl(scalar) {
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F: true
    // Arabic letter mark, left-to-right and right-to-left marks, embeddings, overrides, isolates (UAX #9).
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    case 0x2028, 0x2029: true
    default: false
    }
  }
}
