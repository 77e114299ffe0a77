internal import Frontier
internal import Units
internal import WebURL

/// One setting: its form in words, and how its texts are read and written.
struct SettingDefinition: Sendable {
  struct Problem: Error {
    var problem: String
  }

  var accepted: String
  var isList = false
  /// Of a list: `none`, which is no value of it, stands for an empty one.
  var isClearedByNone = false
  /// Of a list: commas are part of its texts, and don't stand between them.
  var mayHaveCommas = false
  /// It is chosen when the task is added, and never changed: what the task knows depends on it.
  var isFixed = false
  /// What of a user's texts is refused that a task may have from before, for which it stays in force.
  var refuse: (@Sendable ([String]) -> Problem?)?
  var write: @Sendable (inout TaskSettings, [String]) throws(Problem) -> Void
  var read: @Sendable (TaskSettings) -> [String]

  static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
    _ path: any WritableKeyPath<TaskSettings, Value> & Sendable
  ) -> SettingDefinition where Value.RawValue == String {
    let accepted = Value.allCases.map(\.rawValue).joined(separator: ", ")
    return SettingDefinition(accepted: accepted) { (settings, values) throws(Problem) in
      guard let value = Value(rawValue: values[0]) else { throw Problem(problem: "is not known") }
      settings[keyPath: path] = value
    } read: {
      [$0[keyPath: path].rawValue]
    }
  }

  static func number(
    _ path: any WritableKeyPath<TaskSettings, Int> & Sendable, _ range: ClosedRange<Int>
  ) -> SettingDefinition {
    SettingDefinition(accepted: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
      (settings, values) throws(Problem) in
      settings[keyPath: path] = try integer(values[0], in: range)
    } read: {
      [String($0[keyPath: path])]
    }
  }

  static func limit(
    _ path: any WritableKeyPath<TaskSettings, Int?> & Sendable, _ range: ClosedRange<Int>
  ) -> SettingDefinition {
    optional(path, accepted: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
      (text) throws(Problem) in
      try integer(text, in: range)
    } text: {
      String($0)
    }
  }

  /// A setting that can be absent, which is written `none`.
  static func optional<Value: Sendable>(
    _ path: any WritableKeyPath<TaskSettings, Value?> & Sendable, accepted: String,
    parse: @escaping @Sendable (String) throws(Problem) -> Value, text: @escaping @Sendable (Value) -> String
  ) -> SettingDefinition {
    SettingDefinition(accepted: accepted + ", or none") { (settings, values) throws(Problem) in
      if values[0] == "none" {
        settings[keyPath: path] = nil
      } else {
        settings[keyPath: path] = try parse(values[0])
      }
    } read: {
      [$0[keyPath: path].map(text) ?? "none"]
    }
  }

  static func toggle(
    _ path: any WritableKeyPath<TaskSettings, Bool> & Sendable, on: String, off: String, isFixed: Bool = false
  ) -> SettingDefinition {
    SettingDefinition(accepted: "\(on) or \(off)", isFixed: isFixed) { (settings, values) throws(Problem) in
      guard values[0] == on || values[0] == off else { throw Problem(problem: "is not known") }
      settings[keyPath: path] = values[0] == on
    } read: {
      [$0[keyPath: path] ? on : off]
    }
  }

  static func globs(_ path: any WritableKeyPath<TaskSettings, [Glob]> & Sendable) -> SettingDefinition {
    SettingDefinition(
      accepted:
        "at most 256 patterns for whole URLs, each at most 2048 bytes, * within a segment, ** across: '**.html', "
        + "'https://example.org/docs/**'; or none",
      isList: true, isClearedByNone: true, mayHaveCommas: true,
      refuse: { values in
        values.lazy.filter { !$0.isEmpty }.compactMap { Glob($0).flaw }.first.map(Problem.init)
      }
    ) { (settings, values) throws(Problem) in
      let patterns = values.filter { !$0.isEmpty }
      if patterns.count > 256 { throw Problem(problem: "are too many patterns") }
      if patterns.contains(where: { $0.utf8.count > 2_048 }) {
        throw Problem(problem: "has a pattern that is too long")
      }
      settings[keyPath: path] = patterns.map(Glob.init)
    } read: {
      $0[keyPath: path].map(\.description)
    }
  }

  /// A list without order: each name once.
  static func parameters(
    _ path: any WritableKeyPath<TaskSettings, [ParameterPattern]> & Sendable
  ) -> SettingDefinition {
    SettingDefinition(
      accepted: "at most 64 names of query parameters, * for any text, each at most \(ParameterPattern.longest) bytes "
        + "without & = # and commas, which stand between names; or none (of one that is called so: none*)",
      isList: true, isClearedByNone: true, isFixed: true
    ) { (settings, values) throws(Problem) in
      var patterns: [String: ParameterPattern] = [:]
      for name in values.flatMap({ $0.split(separator: ",") }) {
        guard let pattern = ParameterPattern(String(name)) else { throw Problem(problem: "has what is no name") }
        patterns[pattern.description] = pattern
      }
      if patterns.count > 64 { throw Problem(problem: "are too many names") }
      settings[keyPath: path] = patterns.values.sorted { $0.description < $1.description }
    } read: {
      $0[keyPath: path].map(\.description)
    }
  }

  /// Names that the daemon's configuration gives, in order; whether it has them is for the crawler to say.
  static func names(
    _ path: any WritableKeyPath<TaskSettings, [String]> & Sendable, of section: String
  ) -> SettingDefinition {
    SettingDefinition(
      accepted: "at most 16 names of \(section) in the daemon's configuration, or none", isList: true,
      isClearedByNone: true
    ) { (settings, values) throws(Problem) in
      var names: [String] = []
      for name in values.flatMap({ $0.split(separator: ",") }).map(String.init) where !names.contains(name) {
        guard name.utf8.count <= 64 else { throw Problem(problem: "has a name that is too long") }
        names.append(name)
      }
      if names.count > 16 { throw Problem(problem: "are too many names") }
      settings[keyPath: path] = names
    } read: {
      $0[keyPath: path]
    }
  }

  static func name(
    _ path: any WritableKeyPath<TaskSettings, String?> & Sendable, of section: String
  ) -> SettingDefinition {
    optional(path, accepted: "the name of a \(section) in the daemon's configuration") { (text) throws(Problem) in
      guard (1...64).contains(text.utf8.count) else { throw Problem(problem: "is no name") }
      return text
    } text: {
      $0
    }
  }

  /// Each field of a header section as one text.
  static func requestFields(
    _ path: any WritableKeyPath<TaskSettings, [RequestField]> & Sendable
  ) -> SettingDefinition {
    SettingDefinition(
      accepted: RequestField.accepted + "; or none", isList: true, isClearedByNone: true, mayHaveCommas: true
    ) { (settings, values) throws(Problem) in
      var fields: [RequestField] = []
      for text in values where !text.isEmpty { fields.append(try RequestField(text)) }
      if fields.count > RequestField.atMost { throw Problem(problem: "are too many fields") }
      settings[keyPath: path] = fields
    } read: {
      $0[keyPath: path].map(\.text)
    }
  }

  private static func integer(_ text: String, in range: ClosedRange<Int>) throws(Problem) -> Int {
    guard let value = Int(text) else { throw Problem(problem: "is no whole number") }
    guard range.contains(value) else { throw Problem(problem: "is out of range") }
    return value
  }
}

extension TaskSettings {
  private static let large = 1...1_000_000_000_000

  static let definitions: [String: SettingDefinition] = [
    "scope": .choice(\.scope),
    "include": .globs(\.include),
    "exclude": .globs(\.exclude),
    "drop_parameters": .parameters(\.canonicalPolicy.droppedParameters),
    "keep_parameters": .parameters(\.canonicalPolicy.keptParameters),
    "sort_query": .toggle(\.canonicalPolicy.sortsQuery, on: "on", off: "off", isFixed: true),
    "lower_case_path": .toggle(\.canonicalPolicy.lowercasesPath, on: "on", off: "off", isFixed: true),
    "follow": SettingDefinition(accepted: FollowKinds.accepted, isList: true, isClearedByNone: true) {
      (settings, values) throws(SettingDefinition.Problem) in
      settings.follow = try FollowKinds(texts: values)
    } read: {
      $0.follow.texts
    },
    "nofollow": .choice(\.nofollow),
    "max_depth": .limit(\.maxDepth, 0...65_535),
    "max_pages": .limit(\.maxPages, large),
    "max_bytes": .optional(\.maxBytes, accepted: ByteCount.accepted + ", more than 0") {
      (text) throws(SettingDefinition.Problem) in
      guard let bytes = try? ByteCount.parse(text) else { throw SettingDefinition.Problem(problem: "is no size") }
      guard bytes > 0 else { throw SettingDefinition.Problem(problem: "is out of range") }
      return bytes
    } text: {
      ByteCount.exact($0)
    },
    "max_time": .optional(\.maxTime, accepted: DurationText.accepted) { (text) throws(SettingDefinition.Problem) in
      try duration(text)
    } text: {
      DurationText.exact($0)
    },
    "every": .optional(\.every, accepted: DurationText.accepted + ", 1s to 3650d") {
      (text) throws(SettingDefinition.Problem) in
      let every = try duration(text)
      guard every >= .seconds(1), every <= .seconds(3_650 * 86_400) else {
        throw SettingDefinition.Problem(problem: "is out of range")
      }
      return every
    } text: {
      DurationText.exact($0)
    },
    "keep_last": .limit(\.keepLast, 1...1_000),
    "concurrency": .number(\.concurrency, 1...1_024),
    "delay": SettingDefinition(accepted: DurationText.accepted + ", at most 7d") {
      (settings, values) throws(SettingDefinition.Problem) in
      let delay = try duration(values[0])
      guard delay <= .seconds(604_800) else { throw SettingDefinition.Problem(problem: "is too long") }
      settings.delay = delay
    } read: {
      [DurationText.exact($0.delay)]
    },
    "rate": .optional(\.rate, accepted: "fetches per second, from 0.001 to 1000000") {
      (text) throws(SettingDefinition.Problem) in
      guard let rate = Double(text), rate >= 0.001, rate <= 1_000_000 else {
        throw SettingDefinition.Problem(problem: "is no rate")
      }
      return rate
    } text: {
      String($0)
    },
    "robots": .toggle(\.obeysRobots, on: "obey", off: "ignore"),
    "priority": .number(\.priority, 0...9),
    "max_in_flight": .limit(\.maxInFlight, 1...1_000_000),
    "store": .choice(\.storage),
    "traps": .toggle(\.traps, on: "on", off: "off"),
    "host_budget": .limit(\.hostBudget, large),
    "pattern_budget": .limit(\.patternBudget, large),
    "user_agent": .optional(\.userAgent, accepted: UserAgent.accepted) { (text) throws(SettingDefinition.Problem) in
      guard UserAgent.isValid(text) else { throw SettingDefinition.Problem(problem: "is not accepted") }
      return text
    } text: {
      $0
    },
    "headers": .requestFields(\.fields),
    "http_version": .choice(\.httpVersion),
    "credentials": .names(\.credentials, of: "[credentials.NAME]"),
    "proxy": .name(\.proxy, of: "[proxies.NAME]"),
    "certificate": .name(\.certificate, of: "[certificates.NAME]"),
    "handlers": .names(\.handlers, of: "[handlers.NAME]"),
    "cookies": .toggle(\.keepsCookies, on: "on", off: "off"),
    "verify_tls": .toggle(\.verifiesTLS, on: "on", off: "off"),
  ]

  private static func duration(_ text: String) throws(SettingDefinition.Problem) -> Duration {
    do {
      return try DurationText.parse(text)
    } catch {
      throw SettingDefinition.Problem(problem: "is no duration")
    }
  }
}
