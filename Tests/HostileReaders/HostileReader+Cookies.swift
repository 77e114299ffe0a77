import Cookies
import WebURL

extension HostileReader {
  private static let shop = WebURL("https://www.shop.test/a/b")!
  private static let now: Int64 = 1_767_225_600_000_000

  /// A jar into which each line was set, as far as an answer's are taken.
  private static func jar(_ bytes: [UInt8]) -> CookieJar {
    var jar = CookieJar()
    for line in bytes.split(separator: 0x0A).prefix(150) {
      jar.store(Array(line), from: shop, now: now)
    }
    return jar
  }

  /// Set-Cookie fields, one a line.
  static let cookies = HostileReader(
    "cookies",
    Grammar(
      documents: [
        "id=a3fWa; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Secure; HttpOnly; Path=/a; Domain=.shop.test; SameSite=Lax",
        "__Host-id=1; Secure; Path=/\n__Secure-b=2; Secure; Max-Age=86400\nid=; Max-Age=0", "=x; Domain=shop.test",
      ],
      pieces: [
        "a=b", "=", ";", "; ", "\n", ",", "\"", "Expires=", "Max-Age=", "Domain=", "Path=", "Secure", "HttpOnly",
        "SameSite=None", "shop.test", "www.shop.test", "test", "co.uk", "/", "/a/b", "Jan", "00:00:00", "2026", "70",
        "__Host-", "__Secure-", "-", ":", "..", "*.",
      ]),
    shapes: [
      Shape(";"), Shape("; "), Shape("="), Shape("a=b\n"), Shape("a", after: "a="), Shape(" ", after: "a=b; Domain="),
      Shape(".", after: "a=b; Domain="), Shape("a.", after: "a=b; Domain=", before: "shop.test"),
      Shape("/", after: "a=b; Path="), Shape("9", after: "a=b; Max-Age="), Shape("9 ", after: "a=b; Expires="),
      Shape("00:00:00 ", after: "a=b; Expires="), Shape("Jan", after: "a=b; Expires="), Shape("Path=/;", after: "a=b;"),
      Shape("\u{E9}", after: "a="), Shape("\u{EF80}", after: "a="),
      Shape("names", after: "x=y\n") { "c\($0)=\($0)\n" },
    ],
    read: { bytes in
      var jar = jar(bytes)
      _ = jar.field(for: shop, now: now)
    },
    properties: { bytes in
      var jar = jar(bytes)
      let limits = CookieJar.Limits()
      try require(jar.count <= limits.cookiesPerSite && jar.bytes <= limits.bytesPerSite, "the jar has no bound")
      for target in [
        "http://www.shop.test/a/b", "https://other.test/", "https://shop.test/", "https://www.shop.test/a/b",
      ] {
        guard let url = WebURL(target), let field = jar.field(for: url, now: now) else { continue }
        let octets = CookieOctets.octets(field)
        try require(octets.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 9 }, "controls would reach a request")
        try require(CookieOctets.text(octets) == field, "what is sent would be kept as another text")
        try require(url.hostName != "other.test", "\(field) leaves its site")
        try require(field.utf8.count <= limits.fieldBytes, "a field of \(field.utf8.count) bytes")
      }
      var cookies: [Cookie] = []
      for case .put(let cookie) in jar.takeChanges() { cookies.append(cookie) }
      try require(cookies.count == jar.count, "\(jar.count) cookies, and \(cookies.count) of them to be stored")
      let again = CookieJar(cookies, now: now)
      try require(again.count == jar.count && again.bytes == jar.bytes, "a stored jar is another one")
    })
}
