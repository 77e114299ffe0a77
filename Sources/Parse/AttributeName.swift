/// The attribute names whose values are read; the order is that of `AttributeName.names`.
enum AttributeName: UInt8, CaseIterable {
  case href, src, srcset, imagesrcset, action, data, poster, rel, name, content, httpEquiv, type, lang, alt
  case encoding, color, face, size, property, hreflang, charset, xlinkHref

  static let names: StaticString = """
    href src srcset imagesrcset action data poster rel name content http-equiv type lang alt encoding color face size \
    property hreflang charset xlink:href
    """

  /// By the key of the name.
  static let table = NameTable(allCases.map { ($0.text, $0) }, capacity: 64)

  /// The name as the standard writes it.
  var text: String { AttributeName.texts[Int(rawValue)] }

  private static let texts = names.description.split(separator: " ").map(String.init)
}
