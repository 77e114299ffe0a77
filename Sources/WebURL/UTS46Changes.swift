/// What UTS #46 maps differently since Unicode 15.1 and 16, applied before ICU, whose tables in version 72 are those of
/// Unicode 15.0: there all of these but U+1E9E (which became `ss`) were disallowed.
///
/// Only the mapping step needs it. A label that is punycode already is never mapped, under old and new rules alike.
enum UTS46Changes {
  static func apply(to text: String) -> String {
    guard text.unicodeScalars.contains(where: { change(of: $0) != .none }) else { return text }
    var mapped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch change(of: scalar) {
      case .none: mapped.append(scalar)
      case .ignored: break
      case .mapped(let target): mapped.append(target)
      }
    }
    return String(mapped)
  }

  private enum Change: Equatable {
    case none, ignored
    case mapped(Unicode.Scalar)
  }

  private static func change(of scalar: Unicode.Scalar) -> Change {
    switch scalar {
    case "\u{4C0}": .mapped("\u{4CF}")
    // Georgian capitals, whose small letters came later than they did.
    case "\u{10A0}"..."\u{10C5}": Unicode.Scalar(scalar.value - 0x10A0 + 0x2D00).map { .mapped($0) } ?? .none
    case "\u{1E9E}": .mapped("\u{DF}")
    case "\u{2132}": .mapped("\u{214E}")
    case "\u{2183}": .mapped("\u{2184}")
    // The five ideographs of Unicode's Corrigendum 4.
    case "\u{2F868}": .mapped("\u{36FC}")
    case "\u{2F874}": .mapped("\u{5F53}")
    case "\u{2F91F}": .mapped("\u{243AB}")
    case "\u{2F95F}": .mapped("\u{7AEE}")
    case "\u{2F9BF}": .mapped("\u{45D7}")
    // Fillers, inherent vowels, invisible operators and formats.
    case "\u{115F}"..."\u{1160}", "\u{17B4}"..."\u{17B5}", "\u{180E}", "\u{2061}"..."\u{2063}", "\u{206A}"..."\u{206F}",
      "\u{3164}", "\u{FFA0}", "\u{1D173}"..."\u{1D17A}":
      .ignored
    default: .none
    }
  }
}
