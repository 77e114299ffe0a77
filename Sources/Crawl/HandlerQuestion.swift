internal import EventLoop
internal import FoundationEssentials

/// One call of a handler: the line that it is asked with, and how its answer is read.
struct HandlerQuestion: Sendable {
  enum Content: Sendable {
    /// The URLs that a visit found.
    case urls([String], foundOn: String)
    case page(HandlerPage, fieldBytes: Int)
    case end(HandlerTaskEnd)
  }

  /// URLs of one `filter-url` call, and their bytes, unless it has one alone; a visit that found more asks several times. Each
  /// may be rewritten to one that is three times as long, and all escaped, in an answer of `Handler.longestAnswer`.
  static let mostURLs = 1_000
  static let mostBytes = 128 << 10
  /// Links that an answer to `on-page` may have.
  static let mostLinks = 1_000

  var task: String
  var content: Content

  var kind: HandlerProgram.Kind {
    switch content {
    case .urls: .filterURL
    case .page: .onPage
    case .end: .onTaskDone
    }
  }

  /// The line without its end; `id`, which stands in the answer too, and `kind` come first.
  func line(id: Int) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    let line =
      switch content {
      case .urls(let urls, let foundOn): Line(foundOn: foundOn, task: task, urls: urls)
      case .page(let page, _): Line(page: page, task: task)
      case .end(let end): Line(end: end, task: task)
      }
    let rest = try encoder.encode(line).dropFirst()
    return Array("{\"id\":\(id),\"kind\":\"\(kind.rawValue)\",".utf8) + rest
  }

  /// - Throws: `HandlerFailure` for what is no answer to the call with this id, and for the handler's own error.
  func answer(_ line: [UInt8], id: Int) throws(HandlerFailure) -> HandlerAnswer {
    guard Self.nesting(of: line) <= Self.deepest else { throw HandlerFailure(.invalid, "nested too deep") }
    let answer: Answer
    do throws(JSONFlaw) { answer = try Answer(JSONValue(line, deepest: Self.deepest)) } catch {
      throw HandlerFailure(.invalid, "\(error): \(Self.start(of: line))")
    }
    guard answer.id == Int64(id) else {
      throw HandlerFailure(.invalid, "the answer to call \(answer.id) instead of \(id): \(Self.start(of: line))")
    }
    if let error = answer.error { throw HandlerFailure(.error, error) }
    switch content {
    case .urls(let urls, _): return try Self.verdicts(of: answer, on: urls)
    case .page(_, let fieldBytes): return try Self.results(of: answer, fieldBytes: fieldBytes)
    case .end: return HandlerAnswer()
    }
  }

  private static func verdicts(of answer: Answer, on urls: [String]) throws(HandlerFailure) -> HandlerAnswer {
    let asked = Set(urls.map { JSONName($0) })
    let (drop, rewrite) = (answer.drop ?? [:], answer.rewrite ?? [:])
    if let url = drop.keys.first(where: { !asked.contains($0) || rewrite[$0] != nil })
      ?? rewrite.keys.first(where: { !asked.contains($0) })
    {
      throw HandlerFailure(.invalid, "a verdict on what was not asked, or two on one URL: \(url.text)")
    }
    return HandlerAnswer(
      drop: Dictionary(uniqueKeysWithValues: drop.map { ($0.key.text, $0.value) }),
      rewrite: Dictionary(uniqueKeysWithValues: rewrite.map { ($0.key.text, $0.value) }))
  }

  private static func results(of answer: Answer, fieldBytes: Int) throws(HandlerFailure) -> HandlerAnswer {
    let links = answer.links ?? []
    guard links.count <= mostLinks else {
      throw HandlerFailure(.invalid, "\(links.count) links, of which at most \(mostLinks) are taken")
    }
    guard let fields = answer.fields, !fields.isEmpty else { return HandlerAnswer(links: links) }
    let json = JSONValue.object(fields).json
    guard json.count <= fieldBytes else {
      throw HandlerFailure(.invalid, "fields of more than \(fieldBytes) bytes (max_fields)")
    }
    return HandlerAnswer(fields: String(decoding: json, as: UTF8.self), links: links)
  }

  /// Bytes up to which a line is written and read on the loop; longer ones are in a thread.
  static let onLoop = 16 << 10

  var isLarge: Bool {
    switch content {
    case .urls(let urls, let foundOn): urls.reduce(foundOn.utf8.count) { $0 + $1.utf8.count + 3 } > Self.onLoop
    case .page(let page, _): page.size > Self.onLoop
    case .end: false
    }
  }

  private static func start(of line: [UInt8]) -> String { String(decoding: line.prefix(200), as: UTF8.self) }

  // MARK: JSON

  private struct Line: Encodable {
    var end: HandlerTaskEnd?
    var foundOn: String?
    var page: HandlerPage?
    var task: String
    var urls: [String]?

    enum CodingKeys: String, CodingKey {
      case end, page, task, urls
      case foundOn = "found_on"
    }
  }

  private struct Answer {
    var id: Int64
    var error: String?
    var drop: [JSONName: String]?
    var rewrite: [JSONName: String]?
    var fields: [JSONName: JSONValue]?
    var links: [String]?

    /// - Throws: what it is instead: a field that is there and not null has the type that it is to have.
    init(_ value: JSONValue) throws(JSONFlaw) {
      guard case .object(let members) = value else { throw JSONFlaw(description: "JSON that is no object") }
      guard case .integer(let id) = members["id"] else { throw JSONFlaw(description: "an object without an id") }
      self.id = id
      error = try Self.read("error", members) { $0.text }
      drop = try Self.read("drop", members) { $0.texts }
      rewrite = try Self.read("rewrite", members) { $0.texts }
      fields = try Self.read("fields", members) { $0.members }
      links = try Self.read("links", members) { value in
        guard case .list(let values) = value else { return nil }
        let texts = values.compactMap(\.text)
        return texts.count == values.count ? texts : nil
      }
    }

    private static func read<Read>(
      _ name: JSONName, _ members: [JSONName: JSONValue], _ read: (JSONValue) -> Read?
    ) throws(JSONFlaw) -> Read? {
      guard let value = members[name], value != .null else { return nil }
      guard let result = read(value) else {
        throw JSONFlaw(description: "an object whose \(name.text) has another type")
      }
      return result
    }
  }

  /// Levels of nesting that an answer may have.
  static let deepest = 64

  /// How deep arrays and objects are nested in a JSON text.
  private static func nesting(of line: [UInt8]) -> Int {
    var (depth, deepest) = (0, 0)
    var isText = false
    var isEscaped = false
    for byte in line {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = isText
      } else if byte == UInt8(ascii: "\"") {
        isText.toggle()
      } else if !isText, byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
        depth += 1
        deepest = max(deepest, depth)
      } else if !isText, byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
        depth -= 1
      }
    }
    return deepest
  }
}

extension JSONValue {
  fileprivate var text: String? { if case .text(let text) = self { text } else { nil } }

  fileprivate var members: [JSONName: JSONValue]? { if case .object(let members) = self { members } else { nil } }

  fileprivate var texts: [JSONName: String]? {
    guard let members else { return nil }
    let texts = members.compactMapValues(\.text)
    return texts.count == members.count ? texts : nil
  }
}

/// What a handler answered.
struct HandlerAnswer: Sendable {
  /// By URL, the handler's words.
  var drop: [String: String] = [:]
  /// By URL, what is to be offered instead.
  var rewrite: [String: String] = [:]
  /// A JSON object.
  var fields: String?
  var links: [String] = []
}

extension EventLoop {
  /// Runs what may take long in a thread, and the rest at once.
  nonisolated(nonsending) func run<T: Sendable>(
    inThread isLarge: Bool, _ body: @escaping @Sendable () throws -> T
  ) async throws -> T {
    isLarge ? try await runInThread(body) : try body()
  }
}
