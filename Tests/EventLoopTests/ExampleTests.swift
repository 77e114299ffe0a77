import EventLoop
import Glibc
import Testing

/// The articles of the documentation, and the programs that they show: none may say what is not so.
@Suite struct ExampleTests {
  @Test(arguments: Catalogue.examples) func `an article shows its program as it is, and what it prints`(
    _ name: String
  ) throws {
    let article = try Catalogue.article(of: name)
    let source = try contents(of: Catalogue.source(of: name))
    let shown = try #require(Catalogue.fence("```swift\n", in: article), "the article has no program")
    #expect(shown == source)
    // Strings are equal when they mean the same; here every byte counts.
    #expect(shown.utf8.elementsEqual(source.utf8))

    let printed = try #require(Catalogue.fence("It prints:\n\n```text\n", in: article), "the article has no output")
    let program = "\(try Catalogue.programs())/example-\(name)"
    let (output, status) = try EventLoop.run {
      let loop = try #require(EventLoop.current)
      var command = Command(program)
      command.standardInput = .null
      return try await loop.spawn(command, Talking { try await $0.pipe.readAll() })
    }
    #expect(output == printed)
    #expect(status.isSuccess, "\(status)")
  }

  @Test func `every example has an article, and every article an example`() throws {
    let articles = try Catalogue.articles()
    #expect(!articles.isEmpty)
    #expect(articles.keys.map(Catalogue.exampleName).sorted() == Catalogue.examples)
  }

  @Test func `an article's name leads to its example`() {
    #expect(Catalogue.exampleName(ofArticle: "LifeOfALoop") == "life-of-a-loop")
    #expect(Catalogue.fence("```text\n", in: "```text\na\n```\n```text\nb\n```\n") == "a\n")
    #expect(Catalogue.fence("```text\n", in: "no fence") == nil)
  }
}

/// The documentation's files, found from where this file was compiled.
private enum Catalogue {
  static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
  static let directories = ["EventLoop", "Names"].map { "\(root)/Sources/\($0)/\($0).docc" }

  /// The folders of `Tests/Examples`, sorted.
  static let examples = (try? names(in: "\(root)/Tests/Examples").sorted()) ?? []

  /// The articles by their names; pages of symbols, such as the landing pages, have a symbol as their title.
  static func articles() throws -> [String: String] {
    var articles: [String: String] = [:]
    for directory in directories {
      for name in try names(in: directory) where name.hasSuffix(".md") {
        let text = try contents(of: "\(directory)/\(name)")
        if !text.hasPrefix("# ``") { articles[String(name.dropLast(3))] = text }
      }
    }
    return articles
  }

  /// The text of the article that shows the example.
  static func article(of example: String) throws -> String {
    let article = try articles().first { exampleName(ofArticle: $0.key) == example }
    return try #require(article?.value, "no article shows \(example)")
  }

  /// Where the compiled examples are: beside the test bundle that runs.
  static func programs() throws -> String {
    let path = try #require(realpath("/proc/self/exe", nil))
    defer { free(path) }
    return String(cString: dirname(path))
  }

  static func source(of example: String) -> String { "\(root)/Tests/Examples/\(example)/main.swift" }

  /// `LoopActors` is shown by `loop-actors`.
  static func exampleName(ofArticle name: String) -> String {
    name.reduce("") { $0 + ($1.isUppercase && !$0.isEmpty ? "-" : "") + $1.lowercased() }
  }

  /// What stands between the first `opening` and the end of its fence, with its last line feed.
  static func fence(_ opening: String, in text: String) -> String? {
    guard let start = text.firstRange(of: opening)?.upperBound,
      let end = text[start...].firstRange(of: "\n```\n")?.lowerBound
    else { return nil }
    return String(text[start...end])
  }

  private static func names(in path: String) throws -> [String] {
    let directory = try #require(opendir(path), "\(path) cannot be read")
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }
}

private func contents(of path: String) throws -> String {
  let file = try #require(fopen(path, "re"), "\(path) cannot be read")
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += chunk.prefix(count)
  }
}
