import TOMLKit

/// A value of the file, without the TOML library's types.
enum ConfigurationValue: Sendable, Equatable {
  case text(String)
  case integer(Int)
  case decimal(Double)
  case flag(Bool)
  case list([ConfigurationValue])
  /// A table, a date or a time: no key accepts one.
  case other(String)

  init(_ value: any TOMLValueConvertible) {
    if let text = value.string {
      self = .text(text)
    } else if let number = value.int {
      self = .integer(number)
    } else if let number = value.double {
      self = .decimal(number)
    } else if let flag = value.bool {
      self = .flag(flag)
    } else if let array = value.array {
      self = .list((0..<array.count).map { ConfigurationValue(array[$0]) })
    } else {
      self = .other(value.type.description)
    }
  }

  /// The kind in words, for errors.
  var kind: String {
    switch self {
    case .text: "a string"
    case .integer: "an integer"
    case .decimal: "a decimal number"
    case .flag: "true or false"
    case .list: "a list"
    case .other(let name): "a \(name)"
    }
  }

  /// A duration as a person would type it; nil for what can't be one.
  var duration: String? {
    switch self {
    case .text, .integer, .decimal: texts?.first
    case .flag, .list, .other: nil
    }
  }

  /// A size as a person would type it; nil for what can't be one.
  var size: String? {
    switch self {
    case .text, .integer: texts?.first
    case .decimal, .flag, .list, .other: nil
    }
  }

  /// The value as a person would type it on a command line; nil for lists of lists, tables and dates.
  var texts: [String]? {
    switch self {
    case .text(let text): return [text]
    case .integer(let number): return [String(number)]
    case .decimal(let number): return [String(number)]
    case .flag(let flag): return [flag ? "on" : "off"]
    case .list(let values):
      var texts: [String] = []
      for value in values {
        if case .list = value { return nil }
        guard let text = value.texts else { return nil }
        texts += text
      }
      return texts
    case .other: return nil
    }
  }
}
