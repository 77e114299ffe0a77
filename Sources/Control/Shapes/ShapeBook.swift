/// Shapes and lists of words by their names.
package struct ShapeBook: Sendable {
  /// A closed vocabulary: the values that a text may have.
  package struct WordList: Sendable, Equatable {
    package var name: String
    package var words: [String]

    package init(_ name: String, _ words: [String]) {
      self.name = name
      self.words = words
    }
  }

  package private(set) var shapes: [Shape] = []
  package private(set) var wordLists: [WordList] = []

  /// The shapes of the control protocol's replies.
  package static let control = ShapeBook(texts: [tasks, steering, hosts, daemon], wordLists: controlWords)

  /// Reads texts with a shape's name and meaning at the margin and its fields below, indented: name (with a `?` if it may
  /// be left out), type, meaning, and when it is left out in brackets. What they say of an earlier book's holds as well.
  ///
  /// Ends the program when a line is not like that, or a name is given twice or to nothing: the texts are its own.
  package init(texts: [String], wordLists: [WordList], upon book: ShapeBook? = nil) {
    if let book { (shapes, self.wordLists) = (book.shapes, book.wordLists) }
    self.wordLists += wordLists
    for line in texts.flatMap({ $0.split(separator: "\n") }) {
      if line.hasPrefix(" ") {
        guard !shapes.isEmpty, let field = Self.field(line) else { fatalError("no field of a shape: \(line)") }
        shapes[shapes.count - 1].fields.append(field)
      } else {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2 else { fatalError("a shape without a meaning: \(line)") }
        shapes.append(Shape(name: words[0], meaning: words[1]))
      }
    }
    let names = shapes.map(\.name) + self.wordLists.map(\.name)
    if Set(names).count < names.count { fatalError("two shapes or lists of words have one name") }
  }

  private static func field(_ line: Substring) -> Shape.Field? {
    let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
    guard parts.count == 3, let type = ShapeType(parts[1]) else { return nil }
    let isOptional = parts[0].hasSuffix("?")
    var (meaning, absence) = (parts[2], String?.none)
    if meaning.hasSuffix("]"), let bracket = meaning.lastIndex(of: "[") {
      absence = String(meaning[meaning.index(after: bracket)...].dropLast())
      meaning = meaning[..<bracket]
      while meaning.hasSuffix(" ") { meaning.removeLast() }
    }
    guard isOptional == (absence != nil), !meaning.isEmpty else { return nil }
    return Shape.Field(
      name: String(isOptional ? parts[0].dropLast() : parts[0]), type: type, absence: absence, meaning: String(meaning))
  }

  package func shape(_ name: String) -> Shape? { shapes.first { $0.name == name } }

  /// Empty for a list that there is not.
  package func words(_ name: String) -> [String] { wordLists.first { $0.name == name }?.words ?? [] }

  /// The names of the shapes and lists of words that a type is made of, in the order in which they are met.
  package func names(in type: ShapeType) -> [String] {
    var found: [String] = []
    collect(type, into: &found)
    return found
  }

  private func collect(_ type: ShapeType, into found: inout [String]) {
    switch type {
    case .basic: break
    case .word(let name):
      if !found.contains(name) { found.append(name) }
    case .object(let name):
      if found.contains(name) { return }
      found.append(name)
      for field in shape(name)?.fields ?? [] { collect(field.type, into: &found) }
    case .array(let type), .orNull(let type): collect(type, into: &found)
    case .map(let keys, let type):
      if let keys { collect(.word(keys), into: &found) }
      collect(type, into: &found)
    }
  }
}
