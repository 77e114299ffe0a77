internal import Crawl
internal import Glibc
internal import Units

// [handlers.NAME]: programs that have a say in the crawl.

extension EntryReader {
  static let programWords = "the absolute path of a program that crawld may run"

  mutating func handler(_ name: String) throws(Problem) -> HandlerProgram {
    guard let program = try path("program") else { throw missing("program", Self.programWords) }
    var handler = HandlerProgram(name: name, program: program)
    handler.arguments = try texts("arguments", accepted: "a list of strings without NUL")
    if handler.arguments.contains(where: { $0.utf8.contains(0) }) {
      throw Problem(key: "arguments", text: "has a NUL", accepted: "a list of strings without NUL")
    }
    let kinds = HandlerProgram.Kind.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    for text in try texts("kinds", accepted: "a list of \(kinds)") {
      guard let kind = HandlerProgram.Kind(rawValue: text) else {
        throw Problem(key: "kinds", text: "has “\(text)”, which is no kind", accepted: kinds)
      }
      handler.kinds.insert(kind)
    }
    if handler.kinds.isEmpty { throw missing("kinds", "a list of at least one of \(kinds)") }
    handler.timeout = try duration("timeout", .milliseconds(10) ... .seconds(3_600)) ?? handler.timeout
    handler.processes = try number("processes", 1...64) ?? handler.processes
    handler.maxWaiting = try number("max_waiting", 1...10_000) ?? handler.maxWaiting
    handler.maxWaitingBytes = try size("max_waiting_bytes", 1...(1 << 40)) ?? handler.maxWaitingBytes
    handler.onFailure = try choice("on_failure") ?? handler.onFailure
    handler.textBytes = try size("text", 0...(1 << 20)) ?? handler.textBytes
    handler.htmlBytes = try size("html", 0...(1 << 20)) ?? handler.htmlBytes
    handler.fieldBytes = try size("max_fields", 2...(1 << 20)) ?? handler.fieldBytes
    return handler
  }

  private mutating func number(_ key: String, _ range: ClosedRange<Int>) throws(Problem) -> Int? {
    guard let value = take(key) else { return nil }
    let accepted = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard case .integer(let number) = value else {
      throw Problem(key: key, text: "is \(value.kind)", accepted: accepted)
    }
    guard range.contains(number) else { throw Problem(key: key, text: "is out of range", accepted: accepted) }
    return number
  }

  private mutating func size(_ key: String, _ range: ClosedRange<Int64>) throws(Problem) -> Int? {
    guard let value = take(key) else { return nil }
    let accepted =
      "\(ByteCount.accepted), from \(ByteCount.exact(range.lowerBound)) to \(ByteCount.exact(range.upperBound))"
    guard let text = value.size else {
      throw Problem(key: key, text: "is \(value.kind), no size", accepted: accepted)
    }
    guard let size = try? ByteCount.parse(text) else {
      throw Problem(key: key, text: "is no size", accepted: accepted)
    }
    guard range.contains(size) else { throw Problem(key: key, text: "is out of range", accepted: accepted) }
    return Int(size)
  }

  private mutating func duration(_ key: String, _ range: ClosedRange<Duration>) throws(Problem) -> Duration? {
    guard let value = take(key) else { return nil }
    let accepted =
      "\(DurationText.accepted), from \(DurationText.exact(range.lowerBound)) to \(DurationText.exact(range.upperBound))"
    guard let text = value.duration else {
      throw Problem(key: key, text: "is \(value.kind), no duration", accepted: accepted)
    }
    guard let duration = try? DurationText.parse(text) else {
      throw Problem(key: key, text: "is no duration", accepted: accepted)
    }
    guard range.contains(duration) else { throw Problem(key: key, text: "is out of range", accepted: accepted) }
    return duration
  }
}

extension Options {
  /// Variables of the daemon's environment that handlers get, too.
  private static let handlersVariables = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"]

  func handlers(_ configuration: Configuration) throws(Refusal) -> [String: HandlerProgram] {
    var all: [String: HandlerProgram] = [:]
    for (name, entry) in configuration.handlers.sorted(by: { $0.key < $1.key }) {
      var status = stat()
      guard stat(entry.program, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(entry.program, X_OK) == 0
      else {
        throw refusal(
          configuration, "handlers.\(name).program", "\(entry.program) can't be run", EntryReader.programWords)
      }
      all[name] = entry
      for variable in Self.handlersVariables {
        if let value = getenv(variable) { all[name]?.environment[variable] = String(cString: value) }
      }
      all[name]?.environment["CRAWLD_HANDLER"] = name
    }
    return all
  }
}
