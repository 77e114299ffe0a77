/// What a JSON object is: its fields, and what each of them means.
package struct Shape: Sendable, Equatable {
  package struct Field: Sendable, Equatable {
    package var name: String
    package var type: ShapeType
    /// When it is left out; nil: never.
    package var absence: String?
    package var meaning: String
  }

  package var name: String
  package var meaning: String
  package var fields: [Field] = []

  package func field(_ name: String) -> Field? { fields.first { $0.name == name } }
}

/// What a JSON value is.
package indirect enum ShapeType: Sendable, Equatable {
  case basic(Basic)
  /// One of a list of words, by the list's name.
  case word(String)
  /// An object, by its shape's name.
  case object(String)
  case array(ShapeType)
  /// An object whose keys are free, or words of a list.
  case map(keys: String?, ShapeType)
  /// Null where there is no value.
  case orNull(ShapeType)

  /// A value that is no object and no array, in its unit.
  package enum Basic: String, Sendable, CaseIterable {
    case string, integer, number, boolean
    /// Of the database: a text, a number or null.
    case cell
    case any
    case time, duration, bytes, rate, percent, seconds
    /// A time as a text.
    case iso8601

    /// JSON's types that it may have; nil: all.
    package var jsonTypes: [String]? {
      switch self {
      case .string, .iso8601: ["string"]
      case .integer, .time, .duration, .bytes: ["integer"]
      case .number, .rate, .percent, .seconds: ["number"]
      case .boolean: ["boolean"]
      case .cell: ["string", "number", "null"]
      case .any: nil
      }
    }

    package var unit: String? {
      switch self {
      case .string, .integer, .number, .boolean, .cell, .any: nil
      case .time: "microseconds since 1970 UTC"
      case .duration: "microseconds"
      case .bytes: "bytes"
      case .rate: "per second"
      case .percent: "percent"
      case .seconds: "seconds"
      case .iso8601: "ISO 8601, UTC"
      }
    }
  }

  /// Reads `integer`, `duration`, `=TaskState` (a word), `Host` (an object), `[Host]`, `{string}` (free keys),
  /// `{=Outcome:integer}` (words as keys), and any of them with `|null` behind it. Nil: it is none.
  package init?(_ text: Substring) {
    func inner(_ text: Substring) -> ShapeType? { ShapeType(text.dropFirst().dropLast()) }
    if text.hasSuffix("|null") {
      guard let type = ShapeType(text.dropLast(5)) else { return nil }
      self = .orNull(type)
    } else if text.hasPrefix("["), text.hasSuffix("]") {
      guard let type = inner(text) else { return nil }
      self = .array(type)
    } else if text.hasPrefix("{="), text.hasSuffix("}"), let colon = text.firstIndex(of: ":") {
      guard let type = ShapeType(text[text.index(after: colon)...].dropLast()) else { return nil }
      self = .map(keys: String(text[..<colon].dropFirst(2)), type)
    } else if text.hasPrefix("{"), text.hasSuffix("}") {
      guard let type = inner(text) else { return nil }
      self = .map(keys: nil, type)
    } else if text.hasPrefix("=") {
      self = .word(String(text.dropFirst()))
    } else if let basic = Basic(rawValue: String(text)) {
      self = .basic(basic)
    } else {
      guard let first = text.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return nil }
      self = .object(String(text))
    }
  }

  /// As people read it: `integer`, `string (TaskState)`, `array of Host`, `object of integer by Outcome`.
  package var text: String {
    switch self {
    case .basic(.cell): "string, number or null"
    case .basic(let basic): basic.jsonTypes?.first ?? "any"
    case .word(let list): "string (\(list))"
    case .object(let name): name
    case .array(let type): "array of \(type.text)"
    case .map(let keys, let type): "object of \(type.text)\(keys.map { " by \($0)" } ?? "")"
    case .orNull(let type): "\(type.text) or null"
    }
  }

  /// The unit of the value, or of the values in it.
  package var unit: String? {
    switch self {
    case .basic(let basic): basic.unit
    case .word, .object: nil
    case .array(let type), .map(_, let type), .orNull(let type): type.unit
    }
  }
}
