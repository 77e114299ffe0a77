import ArgumentParser
import Control
import Testing
import crawlctl

/// `crawlctl shapes`: what is said of the `--json` output is what is encoded.
struct ShapeTests {
  private let book = JSONOutput.book

  // MARK: Verbs

  private func name(_ verb: any ParsableCommand.Type) -> String {
    verb.configuration.commandName ?? String(describing: verb).lowercased()
  }

  @Test func everyVerbThatAnswersInJSONHasAShape() throws {
    let described = Set(JSONOutput.all.map(\.verb))
    var answering: Set<String> = []
    for verb in Crawlctl.configuration.subcommands {
      if Crawlctl.helpMessage(for: verb).contains("--json") { answering.insert(name(verb)) }
      // What answers in nothing but JSON.
      if verb == Check.self { answering.formUnion(verb.configuration.subcommands.map { "check \(name($0))" }) }
    }
    #expect(answering.count > 30)
    #expect(answering.subtracting(described) == [], "print JSON that nobody has explained")
    #expect(described.subtracting(answering) == [], "are explained and don't print JSON")
  }

  @Test func everyNameMeansSomethingAndIsMet() {
    let met = Set(JSONOutput.all.flatMap { book.names(in: $0.type) })
    let known = Set(book.shapes.map(\.name) + book.wordLists.map(\.name))
    #expect(met.subtracting(known) == [], "shapes and words that are not explained")
    #expect(known.subtracting(met) == [], "shapes and words that no output has")
    for shape in book.shapes {
      #expect(!shape.fields.isEmpty && Set(shape.fields.map(\.name)).count == shape.fields.count, "\(shape.name)")
    }
    for list in book.wordLists { #expect(Set(list.words).count == list.words.count, "\(list.name)") }
  }

  @Test func typesAreRead() {
    #expect(ShapeType("[Host]") == .array(.object("Host")))
    #expect(ShapeType("{=Outcome:integer}") == .map(keys: "Outcome", .basic(.integer)))
    #expect(ShapeType("=Phase|null") == .orNull(.word("Phase")))
    #expect(ShapeType("[time]")?.unit == "microseconds since 1970 UTC")
    #expect(ShapeType("{=Outcome:integer}")?.text == "object of integer by Outcome")
    for text in ["", "host", "[host]", "{=Outcome:}", "|null"] { #expect(ShapeType(text[...]) == nil, "\(text)") }
  }

  // MARK: Replies

  @Test func everyReplyIsWhatItsShapeSays() throws {
    let examples = try ShapeExample.all()
    for example in examples {
      let shape = try #require(book.shape(example.shape))
      #expect(problems(example.full, .object(shape.name), shape.name) == [])
      #expect(problems(example.bare, .object(shape.name), shape.name) == [])
      guard case .object(let full) = example.full, case .object(let bare) = example.bare else {
        Issue.record("\(shape.name) is no object")
        continue
      }
      #expect(Set(shape.fields.map(\.name)).subtracting(full.keys) == [], "\(shape.name): explained and never encoded")
      let always = Set(shape.fields.filter { $0.absence == nil }.map(\.name))
      #expect(Set(bare.keys) == always, "\(shape.name): what is always there")
    }
    // The rest is looked at with the real programs.
    let elsewhere = ShapeBook(texts: [JSONOutput.database, JSONOutput.checks], wordLists: []).shapes.map(\.name)
    #expect(Set(examples.map(\.shape)).union(elsewhere) == Set(book.shapes.map(\.name)))
  }

  @Test func whatIsNoneOfItsShapeIsFound() throws {
    func found(_ text: String, _ type: Substring) throws -> [String] {
      problems(try JSONTree(Array(text.utf8)), try #require(ShapeType(type)), "x")
    }
    #expect(try found(#"{"wire":1,"body":2}"#, "TaskBytes") == [])
    #expect(try found(#"{"wire":1}"#, "TaskBytes") == ["x.body is not there"])
    #expect(try found(#"{"wire":1,"body":2,"more":3}"#, "TaskBytes") == ["x.more is not explained"])
    #expect(try found(#"{"wire":1.5,"body":"2"}"#, "TaskBytes").count == 2)
    #expect(try found(#"["running","dead"]"#, "[=TaskState]") == ["x[] is “dead”, none of TaskState"])
    #expect(try found(#"{"ok":1,"dead":2}"#, "{=Outcome:integer}") == ["x{} is “dead”, none of Outcome"])
    #expect(try found("null", "time|null") == [])
    #expect(try found("null", "time").count == 1)
  }

  /// In what a value is other than its type says.
  private func problems(_ value: JSONTree, _ type: ShapeType, _ place: String) -> [String] {
    switch (type, value) {
    case (.orNull, .null): return []
    case (.orNull(let type), _): return problems(value, type, place)
    case (.basic(let basic), _):
      let name =
        switch value {
        case .null: "null"
        case .boolean: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .text: "string"
        case .array: "array"
        case .object: "object"
        }
      guard let types = basic.jsonTypes else { return [] }
      return types.contains(name) || name == "integer" && types.contains("number") ? [] : ["\(place) is a \(name)"]
    case (.word(let list), .text(let word)):
      return book.words(list).contains(word) ? [] : ["\(place) is “\(word)”, none of \(list)"]
    case (.array(let type), .array(let items)):
      return items.flatMap { problems($0, type, place + "[]") }
    case (.map(let keys, let type), .object(let members)):
      return members.sorted { $0.key < $1.key }.flatMap { key, value in
        (keys.map { problems(.text(key), .word($0), place + "{}") } ?? []) + problems(value, type, place + "{}")
      }
    case (.object(let name), .object(let members)):
      guard let shape = book.shape(name) else { return ["\(place): there is no shape \(name)"] }
      var found: [String] = []
      for field in shape.fields {
        let part = "\(place).\(field.name)"
        if let value = members[field.name] {
          found += problems(value, field.type, part)
        } else if field.absence == nil {
          found.append("\(part) is not there")
        }
      }
      return found + members.keys.sorted().filter { shape.field($0) == nil }.map { "\(place).\($0) is not explained" }
    default: return ["\(place) is no \(type.text)"]
    }
  }

  // MARK: What it shows

  @Test func peopleReadTables() {
    var bytes: [UInt8] = []
    let collected = Collected()
    ShowShapes.show(JSONOutput.all.filter { $0.verb == "hosts" }) { collected.bytes += $0 }
    bytes = collected.bytes
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first?.split(separator: " ").joined(separator: " ") == "verb options line meaning")
    #expect(lines.contains { $0.hasPrefix("hosts") && $0.hasSuffix("a line per host that has work") })
    #expect(lines.contains { $0.hasPrefix("Host   delay ") && $0.contains("integer") && $0.contains(" microseconds ") })
    #expect(lines.contains("DelayOrigin  task user crawl_delay throttle"))
    #expect(!lines.contains { $0.hasPrefix("Task ") }, "of other verbs")
  }

  @Test func nothingOfThemIsCutOnATerminal() {
    let collected = Collected()
    ShowShapes.show(JSONOutput.all, width: 80) { collected.bytes += $0 }
    let lines = String(decoding: collected.bytes, as: UTF8.self).split(separator: "\n")
    #expect(lines.allSatisfy { TextWidth.columns(of: String($0)) <= 80 })
    let firsts = Set(lines.map { $0.split(separator: " ").prefix(2).joined(separator: " ") })
    for shape in book.shapes {
      for field in shape.fields {
        #expect(firsts.contains("\(shape.name) \(field.name)"), "\(shape.name).\(field.name)")
      }
    }
  }

  private final class Collected {
    var bytes: [UInt8] = []
  }

  @Test func programsReadASchema() throws {
    guard case .object(let document) = JSONSchema.document(of: "check robots"),
      case .object(let definitions)? = document["$defs"], case .object(let verdict)? = definitions["RobotsVerdict"],
      case .object(let properties)? = verdict["properties"], case .array(let required)? = verdict["required"]
    else {
      Issue.record("no schema of a verdict")
      return
    }
    #expect(document["$id"] == .text("https://crawld.invalid/json/\(ControlProtocol.version)/check-robots"))
    #expect(document["version"] == .integer(Int64(ControlProtocol.version)))
    #expect(
      properties["crawl_delay"]
        == .object([
          "type": .array([.text("number"), .text("null")]), "unit": .text("seconds"),
          "description": .text("the Crawl-delay for the agent"),
        ]))
    #expect(properties["availability"].map { "\($0)".contains("#/$defs/RobotsAvailability") } == true)
    #expect(required.contains(.text("allow")) && !required.contains(.text("availability")))
    #expect(definitions["RobotsAvailability"].map { "\($0)".contains("unreachable") } == true)
  }
}
