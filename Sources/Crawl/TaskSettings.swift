package import Frontier
internal import Units
package import WebURL

/// The settings of a task: what a user may say about a crawl. `definitions` is the one table of their names, forms and
/// ranges; the command line, `set`, the configuration's defaults and the database all speak through it.
package struct TaskSettings: Sendable {
  package enum Nofollow: String, CaseIterable, Sendable {
    /// meta robots and X-Robots-Tag are obeyed, `rel=nofollow` of pages' links is not.
    case meta
    /// All three are obeyed.
    case obey
    /// None is.
    case ignore

    /// Whether links that say nofollow are not followed: those of a page, or of what is no page. The links of the latter are of
    /// its header section, which says it for all of them or in one.
    func obeysLinks(ofPage isPage: Bool) -> Bool { self == .obey || self == .meta && !isPage }
  }

  package enum HTTPVersion: String, CaseIterable, Sendable {
    /// As the daemon's configuration says.
    case automatic = "auto"
    case http1 = "1.1"
    /// HTTP/2 where TLS negotiates it, else HTTP/1.1.
    case http2 = "2"
  }

  package enum Storage: String, CaseIterable, Sendable {
    /// The row and the links.
    case meta
    /// The visible text of each page, too.
    case text
    /// The decoded body and both header sections of each response, too, but no text.
    case body
    /// All of it.
    case all

    var keepsText: Bool { self == .text || self == .all }
    var keepsBodies: Bool { self == .body || self == .all }
  }

  package var scope = Scope.Kind.host
  package var include: [Glob] = []
  package var exclude: [Glob] = []
  /// Which URLs count as one.
  package var canonicalPolicy = CanonicalPolicy.conservative
  package var follow = FollowKinds.standard
  package var nofollow = Nofollow.meta
  package var maxDepth: Int?
  /// Visits with a final HTTP answer.
  package var maxPages: Int?
  /// Bytes over the wire.
  package var maxBytes: Int64?
  /// Since the task first started, or a retry took it up again after its end; pauses included.
  package var maxTime: Duration?
  /// Between the starts of this crawl and of the recrawl that follows it.
  package var every: Duration?
  /// Crawls of the same URLs that stay when one has finished, itself among them.
  package var keepLast: Int?
  package var concurrency = 1
  package var delay = Duration.seconds(1)
  /// Fetches per second over all hosts.
  package var rate: Double?
  package var obeysRobots = true
  package var priority = 5
  package var maxInFlight: Int?
  package var storage = Storage.meta
  package var traps = true
  package var hostBudget: Int?
  package var patternBudget: Int?
  /// Sent instead of the daemon's.
  package var userAgent: String?
  /// Added to every request.
  package var fields: [RequestField] = []
  package var httpVersion = HTTPVersion.automatic
  /// false: whoever answers is believed. true verifies unless the daemon's configuration says not to.
  package var verifiesTLS = true
  package var keepsCookies = false
  /// Names of the daemon's configuration; the first whose origins have a URL's are sent with its request.
  package var credentials: [String] = []
  /// Names of the daemon's configuration, too.
  package var proxy: String?
  package var certificate: String?
  package var handlers: [String] = []

  package init() {}

  /// Sets one setting from its texts: one for most, any number for lists, of which most are cleared by `none`.
  /// - Parameter isStored: they are what the database has of it.
  /// - Throws: `CrawlError.setting` for an unknown name or a value that is not accepted.
  package mutating func set(_ name: String, to values: [String], isStored: Bool = false) throws(CrawlError) {
    guard let definition = Self.definitions[name] else {
      let meant = NearestWord.among(Self.definitions.keys, to: name).map { "; did you mean \($0)?" } ?? ""
      throw .setting(
        name: name, problem: "no such setting\(meant)", accepted: Self.definitions.keys.sorted().joined(separator: " "))
    }
    if !definition.isList, values.count != 1 {
      throw .setting(name: name, problem: "takes one value", accepted: definition.accepted)
    }
    do throws(SettingDefinition.Problem) {
      let isCleared = definition.isClearedByNone && !isStored && values == ["none"]
      let values = isCleared ? [] : values
      if !isStored, let problem = definition.refuse?(values) { throw problem }
      try definition.write(&self, values)
    } catch {
      let text = values.joined(separator: ",")
      throw .setting(name: name, problem: "“\(text)” \(error.problem)", accepted: definition.accepted)
    }
  }

  /// Whether a setting is chosen when its task is added and never changed.
  static func isFixed(_ name: String) -> Bool { definitions[name]?.isFixed ?? false }

  /// Whether the texts of a list, joined by commas, are another list.
  package static func mayHaveCommas(_ name: String) -> Bool { definitions[name]?.mayHaveCommas ?? false }

  /// Whether this is a setting that `set` may change.
  static func canBeChanged(_ name: String) -> Bool { definitions[name].map { !$0.isFixed } ?? false }

  /// Every setting in force as its texts, in the form that `set` reads.
  package var texts: [String: [String]] { Self.definitions.mapValues { $0.read(self) } }

  /// What the frontier needs to know. `finalAnswers` is what counts against the page quota already.
  package func frontierSettings(finalAnswers: Int, robotsReader: Int) -> FrontierSettings {
    var settings = FrontierSettings()
    settings.scope = scope
    settings.include = include
    settings.exclude = exclude
    settings.canonicalPolicy = canonicalPolicy
    settings.maxDepth = maxDepth
    settings.obeysRobots = obeysRobots
    settings.robotsReader = robotsReader
    settings.proxy = proxy
    settings.traps = traps
    settings.hostBudget = hostBudget
    settings.patternBudget = patternBudget
    settings.concurrency = concurrency
    settings.delay = delay.microseconds
    settings.priority = priority
    settings.maxInFlight = maxInFlight
    settings.rate = rate
    settings.maxPages = maxPages.map { max(0, $0 - finalAnswers) }
    return settings
  }
}

extension Duration {
  /// Whole microseconds, rounded down; clamped to the range of Int64.
  package var microseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    if overflow { return seconds > 0 ? .max : .min }
    return product &+ attoseconds / 1_000_000_000_000
  }
}
