import Address
import WebURL

extension HostileReader {
  /// The first byte chooses the base, the rest is the input.
  static let url = HostileReader(
    "url",
    Grammar(
      documents: [
        "/http://user:pass@www.example.co.uk:8080/a/b/../c;d?x=1&y=%41#f", "0https://\u{E9}x\u{E4}mple.org/\u{65E5}",
        "1../../c/./d?q#r", "2file:///C|/a/../..", "3foo://h/p?q", "4mailto:x@y?z#w", "5//[::ffff:1.2.3.4]:65535/",
        "6http://0x7f.1/%2e%2E/", "7javascript:alert(1)", "8http:\\\\h\\p", "9http://xn--fa-hia.de./?a=1;b=2&&c",
      ],
      pieces: [
        "http:", "https:", "file:", "foo:", "ws:", "//", "/", "\\", "..", ".", "%2e", "%2E%2e", "?", "#", "@", ":", "[",
        "]", "::1", "C|", "C:", "1", "0x7f", "256", "%", "%41", "%zz", "%4%31", "a", "B.c", "\u{AD}", "xn--a", "xn--",
        "localhost", ":80", ":443", "'", "\"", "<", "`", "{", "|", "^", "&", "=", "a=1", "..;", "\u{1E9E}", "\u{200D}",
        "\u{FF0E}", "\u{FF11}", "\u{5D0}", "\u{0301}", "\u{3164}", "\u{4C0}", "\u{202E}", "a..b", "%C3%A9", "%00",
      ]),
    shapes: Shape.urls, read: { bytes in _ = parsed(bytes) }, properties: checkURL)

  private static let bases = [
    "http://h/a/b?c#d", "https://www.example.org:8443/", "file:///C:/a", "foo:/.//p", "foo://h", "mailto:x", "file:",
  ].map { WebURL($0) }

  private static func parsed(_ bytes: [UInt8]) -> (url: WebURL?, base: WebURL?) {
    guard let choice = bytes.first else { return (nil, nil) }
    let base = Int(choice) % (bases.count + 1) < bases.count ? bases[Int(choice) % (bases.count + 1)] : nil
    let url = bytes.dropFirst().withUnsafeBufferPointer { try? WebURL.parse($0, base: base, keepFragment: true) }
    _ = url?.canonical()
    _ = url?.registrableDomain
    return (url, base)
  }

  private static let policies = [
    CanonicalPolicy.conservative,
    CanonicalPolicy(droppedParameters: patterns("a", "utm_*"), sortsQuery: true, lowercasesPath: true),
    CanonicalPolicy(keptParameters: patterns("x", "*"), sortsQuery: true),
    CanonicalPolicy(droppedParameters: patterns("*b*", "*="), keptParameters: patterns("a*", "%*")),
  ]

  private static func patterns(_ texts: String...) -> [ParameterPattern] { texts.compactMap { ParameterPattern($0) } }

  @Sendable private static func checkURL(_ bytes: [UInt8]) throws {
    let (url, base) = parsed(bytes)
    guard let url else { return }
    try requireSound(url)
    let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
    try require(WebURL(text, base: base) == url, "\(url): the text gives another URL than its bytes")
    for policy in policies {
      let canonical = url.canonical(policy)
      try requireSound(canonical)
      try require(canonical.canonical(policy) == canonical, "\(url): \(canonical) is not canonical")
    }
    try requireSound(url.withoutFragment())
    try require(url.withoutFragment().fragment == nil, "\(url) keeps its fragment")
    try requireSound(url.withoutCredentials())
    let plain = url.withoutCredentials()
    try require(plain.username.isEmpty && plain.password.isEmpty, "\(url) keeps its credentials")
    if let domain = url.registrableDomain, let host = url.hostName {
      let whole = host.hasSuffix(".") ? String(host.dropLast()) : host
      try require(whole == domain || whole.hasSuffix("." + domain), "\(domain) is no part of \(host)")
    }
    _ = AddressGuard().verdict(url)
  }

  /// The serialisation is ASCII, and parsing it gives the same URL, component by component.
  private static func requireSound(_ url: WebURL) throws {
    try require(url.href.utf8.allSatisfy { $0 > 0x1F && $0 < 0x7F }, "\(url.href.debugDescription) is no plain ASCII")
    guard let again = WebURL(url.href) else { throw Violation(description: "\(url) does not parse") }
    try require(again == url, "\(url) is read as \(again)")
    let isSame =
      again.scheme == url.scheme && again.username == url.username && again.password == url.password
      && again.hostName == url.hostName && again.port == url.port && again.path == url.path && again.query == url.query
      && again.fragment == url.fragment && again.address == url.address && again.hasOpaquePath == url.hasOpaquePath
      && again.pathAndQuery == url.pathAndQuery && again.hostAndPort == url.hostAndPort
    try require(isSame, "\(url) is read with other components")
    for other in bases { try require(WebURL(url.href, base: other) == url, "\(url) depends on its base") }
  }
}

extension Shape {
  fileprivate static let urls: [Shape] = [
    Shape("../", after: "/http://h/a", named: "dot segments"), Shape("a/../", after: "/http://h/"),
    Shape("a/b/../", after: "/http://h/"), Shape("%2e%2E/", after: "/http://h/"), Shape("/", after: "/http://h"),
    Shape("\\", after: "/http:"), Shape("../", after: "0", named: "relative dot segments"),
    Shape("x/", after: "0", named: "relative segments"), Shape("%", after: "/http://h/?"),
    Shape("%41", after: "/http://h/"), Shape("%4", after: "/http://h/"), Shape("%4%31", after: "/http://h/"),
    Shape("`", after: "/http://h/#"), Shape("@", after: "/http://", before: "h"),
    Shape("a:", after: "/http://", before: "@h"), Shape("a", after: "/http://", named: "long label"),
    Shape("a.", after: "/http://", named: "many labels"), Shape(".", after: "/http://", named: "empty labels"),
    Shape("1.", after: "/http://"), Shape("0", after: "/http://0x", named: "long hexadecimal number"),
    Shape("0", after: "/http://h:", named: "long port"), Shape("9", after: "/http://h:", before: "/"),
    Shape("\u{E9}", after: "/http://", named: "one letter beyond ASCII"),
    Shape("\u{E9}.", after: "/http://", named: "labels beyond ASCII"),
    Shape("%C3%A9", after: "/http://", named: "encoded letters in a host"),
    Shape("different letters beyond ASCII", after: "/http://") {
      String(Unicode.Scalar(0x4E00 + UInt32($0 % 20_000))!)
    },
    Shape("xn--a.", after: "/http://"), Shape(":", after: "/http://[", before: "]"), Shape("[", after: "/http://"),
    Shape("/", after: "/file:"), Shape("C|/..", after: "/file:///"), Shape("a", after: "/", before: ":b"),
    Shape(" ", after: "/foo:", before: "#"), Shape("/", after: "/foo:/", named: "slashes without a host"),
    Shape(" ", after: "/", named: "blanks"), Shape("\t", after: "/http://h/", named: "tabs"),
    Shape("\u{FFFD}", after: "/http://h/"), Shape("a&", after: "/http://h/?"), Shape("&", after: "/http://h/?"),
    Shape("query of many names", after: "/http://h/?") { "\(($0 &* 7_919) % 100_003)=1&" },
  ]
}
