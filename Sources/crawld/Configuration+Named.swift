// What the file names and tasks choose by that name: [credentials.NAME], [proxies.NAME], [certificates.NAME],
// [handlers.NAME].

extension Configuration {
  /// Where a secret is: in the file itself, in a variable of the daemon's environment, or in a file of its own.
  package enum SecretPlace: Sendable, Equatable {
    case here(String)
    case environment(String)
    case file(String)
  }

  /// A user's name and password for some origins.
  package struct Credentials: Sendable {
    package enum Scheme: String, CaseIterable, Sendable {
      case basic, digest
    }

    package var origins: [String] = []
    package var user = ""
    package var password: SecretPlace?
    package var scheme = Scheme.basic
  }

  package struct Proxy: Sendable {
    package enum Resolve: String, CaseIterable, Sendable {
      case crawld, proxy
    }

    package var url = ""
    package var user: String?
    package var password: SecretPlace?
    package var resolve = Resolve.crawld
  }

  package struct Certificate: Sendable {
    package var certificate = ""
    /// nil: it is in the certificate's file.
    package var key: String?
    package var password: SecretPlace?
  }

  static let namedSections = ["credentials", "proxies", "certificates", "handlers"]

  /// The names that tasks say.
  static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text != "none"
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  static let nameWords = "1 to 64 letters, digits, - and _, but not \"none\""

  /// Takes in one entry. Throws the first key of it, by name, that is wrong, with what is accepted.
  mutating func take(_ section: String, _ name: String, _ values: [String: ConfigurationValue]) throws(EntryReader
    .Problem)
  {
    var reader = EntryReader(values)
    switch section {
    case "credentials":
      var entry = Credentials()
      entry.origins = try reader.texts("origins", accepted: "a list of origins, e.g. [\"https://shop.example\"]")
      if entry.origins.isEmpty { throw reader.missing("origins", "a list of at least one origin") }
      entry.user = try reader.text("user") ?? ""
      entry.password = try reader.secret("password")
      if entry.password == nil { throw reader.missing("password", EntryReader.secretWords("password")) }
      entry.scheme = try reader.choice("scheme") ?? .basic
      credentials[name] = entry
    case "proxies":
      var entry = Proxy()
      guard let url = try reader.text("url") else { throw reader.missing("url", "\"http://host:port\"") }
      entry.url = url
      entry.user = try reader.text("user")
      entry.password = try reader.secret("password")
      entry.resolve = try reader.choice("resolve") ?? .crawld
      proxies[name] = entry
    case "handlers": handlers[name] = try reader.handler(name)
    default:
      var entry = Certificate()
      guard let certificate = try reader.path("certificate") else {
        throw reader.missing("certificate", EntryReader.pathWords)
      }
      entry.certificate = certificate
      entry.key = try reader.path("key")
      entry.password = try reader.secret("key_password")
      certificates[name] = entry
    }
    try reader.finish()
  }
}

/// Reads the keys of one entry. Errors never quote a value: it may be a secret.
struct EntryReader {
  struct Problem: Error {
    /// nil: the entry as a whole.
    var key: String?
    var text: String
    var accepted: String
  }

  static let pathWords = "an absolute path of at most 4095 bytes"

  static func secretWords(_ key: String) -> String {
    "one of \(key), \(key)_env (a variable of the environment) and \(key)_file (an absolute path)"
  }

  private let values: [String: ConfigurationValue]
  private var known: [String] = []

  init(_ values: [String: ConfigurationValue]) {
    self.values = values
  }

  /// Without control characters, at most 1,024 bytes; nil when it is not there.
  mutating func text(_ key: String) throws(Problem) -> String? {
    let accepted = "a string of 1 to 1024 bytes without control characters"
    guard let value = take(key) else { return nil }
    guard case .text(let text) = value else { throw Problem(key: key, text: "is \(value.kind)", accepted: accepted) }
    guard (1...1_024).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw Problem(key: key, text: "is not accepted", accepted: accepted)
    }
    return text
  }

  mutating func texts(_ key: String, accepted: String) throws(Problem) -> [String] {
    guard let value = take(key) else { return [] }
    guard case .list(let values) = value, values.count <= 256 else {
      throw Problem(key: key, text: "is \(value.kind)", accepted: accepted)
    }
    var texts: [String] = []
    for value in values {
      guard case .text(let text) = value else { throw Problem(key: key, text: "has \(value.kind)", accepted: accepted) }
      texts.append(text)
    }
    return texts
  }

  mutating func path(_ key: String) throws(Problem) -> String? {
    guard let path = try text(key) else { return nil }
    guard path.hasPrefix("/") else {
      throw Problem(key: key, text: "is not accepted", accepted: Self.pathWords)
    }
    return path
  }

  mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) throws(Problem) -> Choice?
  where Choice.RawValue == String {
    guard let text = try text(key) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      let accepted = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
      throw Problem(key: key, text: "is not known", accepted: accepted)
    }
    return choice
  }

  /// A secret, or where it is; nil when nothing is said of it.
  mutating func secret(_ key: String) throws(Problem) -> Configuration.SecretPlace? {
    let places: [Configuration.SecretPlace?] = [
      try text(key).map { .here($0) }, try text("\(key)_env").map { .environment($0) },
      try path("\(key)_file").map { .file($0) },
    ]
    let given = places.compactMap { $0 }
    guard given.count <= 1 else {
      throw Problem(key: nil, text: "says more than once where \(key) is", accepted: Self.secretWords(key))
    }
    return given.first
  }

  func missing(_ key: String, _ accepted: String) -> Problem {
    Problem(key: nil, text: "lacks \(key)", accepted: accepted)
  }

  /// Throws the first key that nobody asked for.
  func finish() throws(Problem) {
    guard let unknown = values.keys.sorted().first(where: { !known.contains($0) }) else { return }
    throw Problem(key: unknown, text: "unknown key", accepted: known.joined(separator: " "))
  }

  mutating func take(_ key: String) -> ConfigurationValue? {
    known.append(key)
    return values[key]
  }
}
