internal import CSQLite
internal import Units

/// The form in which the full-text index has a text, beside the stored one: a word that touches letters of a script without
/// spaces is parted from them, and characters that nobody sees are no part of a word.
///
/// FTS5's tokenizer takes `使用Python編程` for one word, and a soft hyphen for the end of one. SQL has the form as the function
/// `search_text`, which every connection of this program has: triggers write the index with it. To look up words takes none, so
/// any SQLite client can.
enum SearchText {
  /// ZERO WIDTH SPACE: a tokenizer parts words there, and a snippet looks as the text does.
  static let boundary: Unicode.Scalar = "\u{200B}"

  /// What a letter is to its neighbours.
  private enum Kind {
    /// None: a mark, a space.
    case other
    /// Of a script without spaces.
    case unspaced
    /// A letter of any other script, or a digit.
    case spaced
  }

  /// Adds `search_text(text)` to a connection; what is no text stays as it is.
  static func addFunction(to database: OpaquePointer) {
    sqlite3_create_function_v2(
      database, "search_text", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nil,
      { context, _, values in
        guard let value = values?[0] else { return }
        guard sqlite3_value_type(value) == SQLITE_TEXT, let start = sqlite3_value_text(value) else {
          return sqlite3_result_value(context, value)
        }
        let text = UnsafeBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
        guard SearchText.hasOwnForm(text) else { return sqlite3_result_value(context, value) }
        var form = SearchText.form(of: String(decoding: text, as: UTF8.self))
        form.withUTF8 { csqlite_result_text_copied(context, $0.baseAddress, UInt64($0.count)) }
      }, nil, nil, nil)
  }

  /// Linear: about 50 ns a character; see `hasOwnForm`.
  static func form(of text: String) -> String {
    var form = String.UnicodeScalarView()
    var last = Kind.other
    for scalar in text.unicodeScalars where !isInvisible(scalar.value) {
      let next = kind(of: scalar, after: last)
      if next != last, next != .other, last != .other { form.append(boundary) }
      form.append(scalar)
      last = next
    }
    return String(form)
  }

  private static func kind(of scalar: Unicode.Scalar, after last: Kind) -> Kind {
    if UnspacedScript.contains(scalar.value) { return .unspaced }
    if scalar.isASCII {
      return (scalar.value | 0x20) &- 0x61 < 26 || scalar.value &- 0x30 < 10 ? .spaced : .other
    }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .privateUse:
      .spaced
    // They belong to the letter before.
    case .nonspacingMark, .spacingMark, .enclosingMark: last
    default: .other
    }
  }

  /// Whether any character may make the form differ from the text. Linear: ASCII eight bytes at a time.
  static func hasOwnForm(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let bytes = text.baseAddress else { return false }
    let all = UnsafeRawPointer(bytes)
    var index = 0
    while index < text.count {
      if index &+ 8 <= text.count,
        all.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        index &+= 8
        continue
      }
      let lead = bytes[index]
      // Of characters of two bytes the soft hyphen alone counts, which begins with 0xC2.
      let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead == 0xC2 ? 2 : 1
      guard index &+ length <= text.count else { return false }
      if length > 1 {
        var value = UInt32(lead & (0x7F &>> UInt8(length)))
        for place in 1..<length { value = value &<< 6 | UInt32(bytes[index &+ place] & 0x3F) }
        if UnspacedScript.contains(value) || isInvisible(value) { return true }
      }
      index &+= length
    }
    return false
  }

  /// A word as it is looked for: without what nobody sees.
  static func visible(_ word: String) -> String {
    var visible = String.UnicodeScalarView()
    for scalar in word.unicodeScalars where !isInvisible(scalar.value) { visible.append(scalar) }
    return String(visible)
  }

  /// SOFT HYPHEN, WORD JOINER and ZERO WIDTH NO-BREAK SPACE say where a line may be broken within a word, or may not.
  private static func isInvisible(_ codePoint: UInt32) -> Bool {
    codePoint == 0xAD || codePoint == 0x2060 || codePoint == 0xFEFF
  }
}
