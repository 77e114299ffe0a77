/// The User-Agent field of requests (RFC 9110, section 10.1.5) and the name in it by which robots.txt speaks to a crawler.
package enum UserAgent {
  /// What is accepted, in words.
  package static let accepted = "1 to 256 visible ASCII characters that begin with a letter"

  package static func isValid(_ text: String) -> Bool {
    (1...256).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && !text.hasSuffix(" ")
      && text.first?.isLetter == true
  }

  /// The letters, digits, `-` and `_` that it begins with. The product token of RFC 9309, section 2.2.1, has no digits, but
  /// those who write robots.txt call MJ12bot by its name.
  package static func productToken(of text: String) -> String { String(text.prefix(while: isTokenCharacter)) }

  package static func isTokenCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == "_")
  }
}
