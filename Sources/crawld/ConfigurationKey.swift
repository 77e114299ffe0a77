import Units

/// One key of the configuration file: where it stands, what it accepts, and which value it sets.
package struct ConfigurationKey: Sendable {
  /// What is wrong with one value.
  struct Problem: Error {
    var text: String
  }

  package let section: String
  package let name: String
  /// The accepted values in words, for errors.
  package let accepted: String
  let write: @Sendable (inout Configuration, ConfigurationValue) throws(Problem) -> Void

  typealias Path<Value> = any WritableKeyPath<Configuration, Value> & Sendable

  static func duration(
    _ section: String, _ name: String, _ path: Path<Duration>, _ range: ClosedRange<Duration>
  ) -> ConfigurationKey {
    let bounds = "from \(DurationText.exact(range.lowerBound)) to \(DurationText.exact(range.upperBound))"
    return ConfigurationKey(section: section, name: name, accepted: "\(DurationText.accepted), \(bounds)") {
      (configuration, value) throws(Problem) in
      guard let text = value.duration else { throw Problem(text: "is \(value.kind), no duration") }
      let duration = try unit { () throws(UnitsError) in try DurationText.parse(text) }
      guard range.contains(duration) else { throw Problem(text: "\(quoted(text)) is out of range") }
      configuration[keyPath: path] = duration
    }
  }

  static func size(
    _ section: String, _ name: String, _ path: Path<Int64>, _ range: ClosedRange<Int64>
  ) -> ConfigurationKey {
    let bounds = "from \(ByteCount.exact(range.lowerBound)) to \(ByteCount.exact(range.upperBound))"
    return ConfigurationKey(section: section, name: name, accepted: "\(ByteCount.accepted), \(bounds)") {
      (configuration, value) throws(Problem) in
      guard let text = value.size else { throw Problem(text: "is \(value.kind), no size") }
      let bytes = try unit { () throws(UnitsError) in try ByteCount.parse(text) }
      guard range.contains(bytes) else { throw Problem(text: "\(quoted(text)) is out of range") }
      configuration[keyPath: path] = bytes
    }
  }

  static func number(
    _ section: String, _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>
  ) -> ConfigurationKey {
    ConfigurationKey(section: section, name: name, accepted: words(range)) { (configuration, value) throws(Problem) in
      configuration[keyPath: path] = try integer(value, in: range)
    }
  }

  static func number(
    _ section: String, _ name: String, _ path: Path<Int?>, _ range: ClosedRange<Int>
  ) -> ConfigurationKey {
    ConfigurationKey(section: section, name: name, accepted: words(range)) { (configuration, value) throws(Problem) in
      configuration[keyPath: path] = try integer(value, in: range)
    }
  }

  static func toggle(_ section: String, _ name: String, _ path: Path<Bool>) -> ConfigurationKey {
    ConfigurationKey(section: section, name: name, accepted: "true or false") {
      (configuration, value) throws(Problem) in
      guard case .flag(let flag) = value else { throw Problem(text: "is \(value.kind)") }
      configuration[keyPath: path] = flag
    }
  }

  static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
    _ section: String, _ name: String, _ path: Path<Choice>
  ) -> ConfigurationKey where Choice.RawValue == String {
    let accepted = Choice.allCases.map { quoted($0.rawValue) }.joined(separator: ", ")
    return ConfigurationKey(section: section, name: name, accepted: accepted) {
      (configuration, value) throws(Problem) in
      let text = try string(value)
      guard let choice = Choice(rawValue: text) else { throw Problem(text: "\(quoted(text)) is not known") }
      configuration[keyPath: path] = choice
    }
  }

  /// A text that `isValid` judges.
  static func text(
    _ section: String, _ name: String, _ path: Path<String>, accepted: String,
    _ isValid: @escaping @Sendable (String) -> Bool
  ) -> ConfigurationKey {
    ConfigurationKey(section: section, name: name, accepted: accepted) { (configuration, value) throws(Problem) in
      configuration[keyPath: path] = try valid(value, isValid)
    }
  }

  static func text(
    _ section: String, _ name: String, _ path: Path<String?>, accepted: String,
    _ isValid: @escaping @Sendable (String) -> Bool
  ) -> ConfigurationKey {
    ConfigurationKey(section: section, name: name, accepted: accepted) { (configuration, value) throws(Problem) in
      configuration[keyPath: path] = try valid(value, isValid)
    }
  }

  /// The path of a file or directory, at most `limit` bytes.
  static func path(_ section: String, _ name: String, _ path: Path<String?>, limit: Int = 4_095) -> ConfigurationKey {
    text(section, name, path, accepted: "an absolute path of at most \(limit) bytes") {
      $0.hasPrefix("/") && $0.utf8.count <= limit
    }
  }

  static func texts(
    _ section: String, _ name: String, _ path: Path<[String]>, accepted: String, atMost limit: Int
  ) -> ConfigurationKey {
    ConfigurationKey(section: section, name: name, accepted: accepted) { (configuration, value) throws(Problem) in
      guard case .list(let values) = value else { throw Problem(text: "is \(value.kind), no list") }
      guard values.count <= limit else { throw Problem(text: "has more than \(limit) entries") }
      var texts: [String] = []
      for value in values { texts.append(try string(value)) }
      configuration[keyPath: path] = texts
    }
  }

  static func quoted(_ text: String) -> String {
    let start = String(text.prefix(60))
    return "\"\(TerminalText.escape(start))\(start.utf8.count < text.utf8.count ? "…" : "")\""
  }

  private static func words(_ range: ClosedRange<Int>) -> String {
    "a whole number from \(range.lowerBound) to \(range.upperBound)"
  }

  private static func integer(_ value: ConfigurationValue, in range: ClosedRange<Int>) throws(Problem) -> Int {
    guard case .integer(let number) = value else { throw Problem(text: "is \(value.kind)") }
    guard range.contains(number) else { throw Problem(text: "\(number) is out of range") }
    return number
  }

  private static func string(_ value: ConfigurationValue) throws(Problem) -> String {
    guard case .text(let text) = value else { throw Problem(text: "is \(value.kind), no string") }
    return text
  }

  private static func valid(_ value: ConfigurationValue, _ isValid: (String) -> Bool) throws(Problem) -> String {
    let text = try string(value)
    guard isValid(text) else { throw Problem(text: "\(quoted(text)) is not accepted") }
    return text
  }

  private static func unit<Value>(_ body: () throws(UnitsError) -> Value) throws(Problem) -> Value {
    do {
      return try body()
    } catch {
      throw Problem(text: error.problem)
    }
  }
}
