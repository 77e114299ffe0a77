internal import CSQLite
internal import Units

/// The form in which the full-text index has a text, beside the stored one: a word that touches letters of a script without
/// spaces is parted from them; characters that nobody sees, vowel points of Hebrew and Arabic are no part of a word; and Korean
/// letters are whole (NFC).
///
/// FTS5's tokenizer takes `使用Python編程` for one word, and a soft hyphen for the end of one. SQL has the form as the function
/// `search_text`, which every connection of this program has: triggers write the index with it. To look up words takes none, so
/// any SQLite client can.
///
/// A text is taken out of the index in the form in which it was put in: to change what this makes of texts takes a new layout.
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
    for scalar in text.unicodeScalars where !isIgnored(scalar.value) {
      let next = kind(of: scalar, after: last)
      if next != last, next != .other, last != .other { form.append(boundary) }
      append(scalar, to: &form)
      last = next
    }
    return String(form)
  }

  /// As Hangul is composed (The Unicode Standard, 3.12): a vowel joins its lead, and a trail the syllable of these.
  private static func append(_ scalar: Unicode.Scalar, to form: inout String.UnicodeScalarView) {
    if 0x1161...0x11C2 ~= scalar.value, let last = form.last?.value, let whole = syllable(last, scalar.value) {
      form.removeLast()
      form.append(whole)
    } else {
      form.append(scalar)
    }
  }

  private static func syllable(_ last: UInt32, _ next: UInt32) -> Unicode.Scalar? {
    if 0x1100...0x1112 ~= last, next <= 0x1175 {
      return Unicode.Scalar(0xAC00 + ((last - 0x1100) * 21 + next - 0x1161) * 28)
    }
    let isOpen = 0xAC00...0xD7A3 ~= last && (last - 0xAC00) % 28 == 0
    return isOpen && next >= 0x11A8 ? Unicode.Scalar(last + next - 0x11A7) : nil
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
      // Of characters of two bytes those count that begin as the soft hyphen, Hebrew (0xD6, 0xD7) and Arabic (0xD9, 0xDB) do.
      let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead == 0xC2 || 0xD6...0xDB ~= lead ? 2 : 1
      guard index &+ length <= text.count else { return false }
      if length > 1 {
        var value = UInt32(lead & (0x7F &>> UInt8(length)))
        for place in 1..<length { value = value &<< 6 | UInt32(bytes[index &+ place] & 0x3F) }
        if UnspacedScript.contains(value) || isIgnored(value) || 0x1161...0x11C2 ~= value { return true }
      }
      index &+= length
    }
    return false
  }

  /// A word as it is looked for: as `form` has it, but not parted.
  static func word(_ word: String) -> String {
    var form = String.UnicodeScalarView()
    for scalar in word.unicodeScalars where !isIgnored(scalar.value) { append(scalar, to: &form) }
    return String(form)
  }

  /// SOFT HYPHEN, WORD JOINER and ZERO WIDTH NO-BREAK SPACE say where a line may be broken within a word, or may not. Points
  /// of Hebrew and Arabic are written in few texts, and TATWEEL makes a word longer. Variation selectors, marks as vowel signs
  /// are, would make words of emoji.
  private static func isIgnored(_ codePoint: UInt32) -> Bool {
    switch codePoint {
    case 0xAD, 0x2060, 0xFEFF, 0xFE00...0xFE0F, 0xE0100...0xE01EF: true
    case 0x0591...0x05BD, 0x05BF, 0x05C1, 0x05C2, 0x05C4, 0x05C5, 0x05C7: true
    case 0x0640, 0x064B...0x0652, 0x0670, 0x06D6...0x06DC, 0x06DF...0x06E4, 0x06E7, 0x06E8, 0x06EA...0x06ED: true
    default: false
    }
  }
}
