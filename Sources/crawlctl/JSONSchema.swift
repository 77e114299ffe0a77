package import Control

/// The shape of a verb's lines as a JSON Schema (draft 2020-12).
package enum JSONSchema {
  /// When the version rises; what those who read the output may count on.
  package static let promise =
    "Version \(ControlProtocol.version). It rises when a field or a word changes its meaning or goes away; new ones may come."

  /// - Parameter verb: one of `JSONOutput.all`.
  package static func document(of verb: String) -> JSONTree {
    let (book, outputs) = (JSONOutput.book, JSONOutput.all.filter { $0.verb == verb })
    var definitions: [String: JSONTree] = [:]
    for name in outputs.flatMap({ book.names(in: $0.type) }) {
      definitions[name] = book.shape(name).map(schema(of:)) ?? schema(ofWords: book.words(name))
    }
    let path = verb.split(separator: " ").joined(separator: "-")
    return .object([
      "$schema": .text("https://json-schema.org/draft/2020-12/schema"),
      "$id": .text("https://crawld.invalid/json/\(ControlProtocol.version)/\(path)"),
      "title": .text("crawlctl \(verb)"), "description": .text(promise),
      "version": .integer(Int64(ControlProtocol.version)),
      "anyOf": .array(
        outputs.map { output in
          let title = output.options.isEmpty ? output.meaning : "\(output.options): \(output.meaning)"
          return schema(of: output.type, adding: ["title": .text(title)])
        }),
      "$defs": .object(definitions),
    ])
  }

  private static func schema(of shape: Shape) -> JSONTree {
    var properties: [String: JSONTree] = [:]
    for field in shape.fields {
      let absence = field.absence.map { " (left out: \($0))" } ?? ""
      var annotations: [String: JSONTree] = ["description": .text(field.meaning + absence)]
      if let unit = field.type.unit { annotations["unit"] = .text(unit) }
      properties[field.name] = schema(of: field.type, adding: annotations)
    }
    return .object([
      "type": .text("object"), "description": .text(shape.meaning), "properties": .object(properties),
      "required": .array(shape.fields.filter { $0.absence == nil }.map { .text($0.name) }),
    ])
  }

  private static func schema(ofWords words: [String]) -> JSONTree {
    .object(["type": .text("string"), "enum": .array(words.map(JSONTree.text))])
  }

  private static func schema(of type: ShapeType, adding annotations: [String: JSONTree] = [:]) -> JSONTree {
    var members = annotations
    switch type {
    case .basic(let basic):
      if let types = basic.jsonTypes {
        members["type"] = types.count == 1 ? .text(types[0]) : .array(types.map(JSONTree.text))
      }
    case .word(let name), .object(let name):
      members["$ref"] = .text("#/$defs/\(name)")
    case .array(let item):
      (members["type"], members["items"]) = (.text("array"), schema(of: item))
    case .map(let keys, let value):
      (members["type"], members["additionalProperties"]) = (.text("object"), schema(of: value))
      if let keys { members["propertyNames"] = schema(of: .word(keys)) }
    case .orNull(.basic(let basic)):
      members["type"] = .array(((basic.jsonTypes ?? []) + ["null"]).map(JSONTree.text))
    case .orNull(let type):
      members["anyOf"] = .array([schema(of: type), .object(["type": .text("null")])])
    }
    return .object(members)
  }
}
