package import ArgumentParser
import Control
import Units

/// `crawlctl shapes [VERB…]`
package struct ShowShapes: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "shapes", abstract: "Explains every field of what verbs print with --json. No daemon is needed.",
    discussion: """
      First what a line of each verb is, then the fields of each shape with type, unit, when they are left out, and \
      meaning, then the words that texts may be. Fields and words that a program does not know are to be ignored: new ones \
      may come. The version (the protocol's: protocol_version in status) rises when one changes its meaning or goes away. \
      An error is a line on stderr and an exit code, with --json too; where there is a line per task, that of a task to \
      which the verb could not be done has its error as well. With --json: a JSON Schema (draft 2020-12) per verb.
      """)

  @Argument(help: ArgumentHelp("Of these verbs alone.", valueName: "verb")) package var verbs: [String] = []
  @Flag(name: .long, help: "Answer in JSON, one object per line.") var json = false

  package init() {}

  package func validate() throws {
    for verb in verbs where !JSONOutput.all.contains(where: { Self.names(verb, $0) }) {
      let known = Set(JSONOutput.all.map { String($0.verb.prefix { $0 != " " }) })
      let meant = NearestWord.among(known.sorted(), to: verb).map { "; did you mean “\($0)”?" } ?? ""
      throw ValidationError("“\(verb)” is no verb that prints JSON\(meant)")
    }
  }

  package func run() throws {
    let outputs = JSONOutput.all.filter { output in
      verbs.isEmpty || verbs.contains { Self.names($0, output) }
    }
    if json {
      var last = ""
      for output in outputs where output.verb != last {
        try Output.json(JSONSchema.document(of: output.verb))
        last = output.verb
      }
    } else {
      Output.write(TextWidth.hang(JSONSchema.promise, indent: 0, width: Output.width) + "\n")
      Output.write("\n")
      Self.show(outputs, width: Output.width, Output.write)
    }
  }

  /// Whether a word of the command line means the output's verb: `check` every kind of check, too.
  private static func names(_ word: String, _ output: JSONOutput) -> Bool {
    output.verb == word || output.verb.hasPrefix(word + " ")
  }

  /// Three tables: what a line of each verb is, the shapes that these are made of, and their words.
  ///
  /// - Parameter width: the terminal's columns. Units and when a field is left out have no columns of their own there.
  package static func show(_ outputs: [JSONOutput], width: Int? = nil, _ write: @escaping ([UInt8]) -> Void) {
    let book = JSONOutput.book
    var names: [String] = []
    for name in outputs.flatMap({ book.names(in: $0.type) }) where !names.contains(name) { names.append(name) }
    var verbs = TextTable([
      .init("verb"), .init("options", wraps: 10), .init("line", wraps: 12), .init("meaning", wraps: 24),
    ])
    for output in outputs { verbs.append([output.verb, output.options, output.type.text, output.meaning]) }
    let whole = ["shape", "field", "type", "unit", "left out", "meaning"]
    var fields = TextTable(
      width == nil
        ? whole.map { .init($0) }
        : [.init("shape"), .init("field"), .init("type", wraps: 12), .init("meaning", wraps: 24)])
    for shape in names.compactMap(book.shape) {
      let rows =
        [[shape.name, "", "object", "", "", shape.meaning]]
        + shape.fields.map { field in
          [shape.name, field.name, field.type.text, field.type.unit ?? "", field.absence ?? "", field.meaning]
        }
      for row in rows {
        fields.append(width == nil ? row : Array(row[..<3]) + [meaning(row[5], unit: row[3], absence: row[4])])
      }
    }
    var words = TextTable([.init("words"), .init("are", wraps: 24)])
    for name in names {
      if width != nil, !book.words(name).isEmpty { words.append([name, book.words(name).joined(separator: " ")]) }
      if width == nil { for line in lines(of: book.words(name)) { words.append([name, line]) } }
    }
    let tables = [verbs, fields, words].filter { !$0.isEmpty }.map { $0.rendered(width: width) }
    write(Array(tables.joined(separator: "\n").utf8))
  }

  /// All that is said of a field in one text.
  private static func meaning(_ meaning: String, unit: String, absence: String) -> String {
    meaning + (unit.isEmpty ? "" : "; \(unit)") + (absence.isEmpty ? "" : " (left out: \(absence))")
  }

  /// The words in lines of at most 72 columns.
  private static func lines(of words: [String]) -> [String] {
    var lines: [String] = []
    for word in words {
      if let last = lines.last, last.utf8.count + word.utf8.count < 72 {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(word)
      }
    }
    return lines
  }
}
