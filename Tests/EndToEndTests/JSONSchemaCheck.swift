import FoundationEssentials

/// A JSON value, as the judges of these tests read it.
indirect enum JSONText: Decodable, Equatable {
  case null
  case boolean(Bool)
  case number(Double)
  case text(String)
  case array([JSONText])
  case object([String: JSONText])

  init(_ line: String) throws { self = try JSONDecoder().decode(JSONText.self, from: Data(line.utf8)) }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .boolean(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let items = try? container.decode([JSONText].self) {
      self = .array(items)
    } else {
      self = .object(try container.decode([String: JSONText].self))
    }
  }

  subscript(key: String) -> JSONText? { if case .object(let members) = self { members[key] } else { nil } }
  var items: [JSONText] { if case .array(let items) = self { items } else { [] } }
  var texts: [String] { items.compactMap(\.string) }
  var string: String? { if case .text(let text) = self { text } else { nil } }
  var members: [String: JSONText] { if case .object(let members) = self { members } else { [:] } }
}

/// Holds values against a JSON Schema of `crawlctl shapes --json`: as much of draft 2020-12 as these use, and in one
/// thing stricter: what a schema does not name may not be there.
struct JSONSchemaCheck {
  let document: JSONText
  /// The properties that values have had, by the definition that names them.
  private(set) var met: [String: Set<String>] = [:]
  /// The places in the document's `anyOf` by which values were good.
  private(set) var used: Set<Int> = []

  init(_ document: JSONText) { self.document = document }

  private static let keywords: Set<String> = [
    "$ref", "type", "enum", "properties", "required", "items", "additionalProperties", "propertyNames", "anyOf",
    "title",
    "description", "unit",
  ]

  /// Definitions with a property that no value has had yet, as `Task.open`.
  var unmet: [String] {
    (document["$defs"]?.members ?? [:]).flatMap { name, schema in
      let properties = Set((schema["properties"]?.members ?? [:]).keys)
      return properties.subtracting(met[name] ?? []).map { "\(name).\($0)" }
    }.sorted()
  }

  /// What is wrong with a line; nothing when it is as one of the alternatives has it.
  mutating func problems(of value: JSONText) -> [String] {
    var fewest: [String]?
    for (place, alternative) in (document["anyOf"]?.items ?? []).enumerated() {
      var found: [String: Set<String>] = [:]
      let problems = problems(value, alternative, "", &found)
      if problems.isEmpty {
        met.merge(found) { $0.union($1) }
        used.insert(place)
      }
      if fewest.map({ problems.count < $0.count }) ?? true { fewest = problems }
    }
    return fewest ?? ["there is no schema"]
  }

  private func problems(
    _ value: JSONText, _ schema: JSONText, _ place: String, _ met: inout [String: Set<String>], of name: String? = nil
  ) -> [String] {
    let strange = Set(schema.members.keys).subtracting(Self.keywords)
    var found = strange.sorted().map { "\(place): the schema has \($0), which means nothing here" }
    if let reference = schema["$ref"]?.string {
      let name = String(reference.split(separator: "/").last ?? "")
      guard let definition = document["$defs"]?[name] else { return found + ["\(place): \(reference) is not there"] }
      found += problems(value, definition, place, &met, of: name)
    }
    if let alternatives = schema["anyOf"]?.items {
      var met = met
      if alternatives.allSatisfy({ !problems(value, $0, place, &met).isEmpty }) {
        found.append("\(place): none of them")
      }
    }
    if let type = schema["type"] {
      let types = type.string.map { [$0] } ?? type.texts
      if !types.contains(where: { Self.isOf($0, value) }) { return found + ["\(place) is no \(types)"] }
    }
    if let words = schema["enum"]?.texts, !words.contains(value.string ?? "") { found.append("\(place) is \(value)") }
    for (index, item) in value.items.enumerated() {
      if let items = schema["items"] { found += problems(item, items, "\(place)[\(index)]", &met) }
    }
    guard case .object(let members) = value, schema["type"]?.string == "object" else { return found }
    let properties = schema["properties"]?.members ?? [:]
    if let name { met[name, default: []].formUnion(members.keys) }
    for key in schema["required"]?.texts ?? [] where members[key] == nil {
      found.append("\(place).\(key) is not there")
    }
    for (key, member) in members {
      if let keys = schema["propertyNames"] { found += problems(.text(key), keys, "\(place){}", &met) }
      if let property = properties[key] ?? schema["additionalProperties"] {
        found += problems(member, property, "\(place).\(key)", &met)
      } else {
        found.append("\(place).\(key) is in no schema")
      }
    }
    return found
  }

  private static func isOf(_ type: String, _ value: JSONText) -> Bool {
    switch (type, value) {
    case ("null", .null), ("boolean", .boolean), ("number", .number), ("string", .text), ("array", .array),
      ("object", .object):
      true
    case ("integer", .number(let number)): number == number.rounded()
    default: false
    }
  }
}
