import ArgumentParser
package import Control

/// The flags of `add` and `run` that become settings of the task. The daemon reads units and checks ranges.
package struct SettingOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp("Which URLs belong to the task: host (default), domain, prefix or any.", valueName: "scope"),
    completion: .list(["host", "domain", "prefix", "any"]))
  var scope: String?

  @Option(
    help: ArgumentHelp(
      "Only URLs that match as a whole; * within a segment, ** across, as '**.html'. Repeatable.", valueName: "glob"))
  var include: [String] = []

  @Option(
    help: ArgumentHelp(
      "No URL that matches, as 'https://example.org/old/**'; wins over --include. Repeatable.", valueName: "glob"))
  var exclude: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      URLs that differ only in query parameters of this name count as one, which is fetched as it was found first; * \
      for any text (utm_*); none for no name. Repeatable; of a task it cannot be changed later, nor can the next three.
      """,
      valueName: "name"))
  var dropParameter: [String] = []

  @Option(
    help: ArgumentHelp(
      "URLs that differ only in other query parameters than the kept ones count as one; none keeps all. Repeatable.",
      valueName: "name"))
  var keepParameter: [String] = []

  @Option(
    help: ArgumentHelp(
      "Whether URLs that differ only in the order of their query parameters count as one: on or off (default).",
      valueName: "mode"), completion: .list(["on", "off"]))
  var sortQuery: String?

  @Option(
    help: ArgumentHelp(
      "Whether URLs that differ only in the letter case of their paths count as one: on or off (default).",
      valueName: "mode"), completion: .list(["on", "off"]))
  var lowerCasePath: String?

  @Option(
    help: ArgumentHelp(
      """
      Kinds of links that are followed, joined by commas; +KIND adds to the default (a area meta-refresh refresh \
      redirect). sitemap reads the sitemaps that robots.txt, link elements and indexes name (scope and patterns hold for \
      them too; their pages have depth 1); feed reads the RSS and Atom feeds that the crawl comes to.
      """,
      valueName: "kinds"))
  var follow: [String] = []

  @Option(
    help: ArgumentHelp(
      "meta (default: meta robots, X-Robots-Tag, Link fields of documents), obey (rel=nofollow of pages too) or ignore.",
      valueName: "mode"),
    completion: .list(["meta", "obey", "ignore"]))
  var nofollow: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many links from a seed at most, by the way found first (default: no limit).", valueName: "n"))
  var depth: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Pause after this many final answers.", valueName: "n"))
  var maxPages: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Pause after this many bytes.", valueName: "size"))
  var maxBytes: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Pause this long after the task's first start, or after a retry that takes it up again when it has ended.",
      valueName: "duration"))
  var maxTime: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Crawl it again this long after each start, or at the end if that is later, as a recrawl with the same settings. A "
        + "crawl that a quota (--max-pages, --max-bytes, --max-time) has paused has not ended: no other follows it.",
      valueName: "duration"))
  var every: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Of the crawls of the same URLs keep so many that have finished; when there are more, those before them are removed.",
      valueName: "n"))
  var keepLast: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Fetches in flight per host (default 1).", valueName: "n"))
  var concurrency: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "From request to request on a host, which is a scheme, a name and a port (default 1s).", valueName: "duration"))
  var delay: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Fetches per second of the whole task.", valueName: "n"))
  var rate: String?

  @Option(
    help: ArgumentHelp("Whether robots.txt is heeded: obey (default) or ignore.", valueName: "mode"),
    completion: .list(["obey", "ignore"]))
  var robots: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Share among tasks, 0…9 (default 5).", valueName: "n"))
  var priority: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Fetches in flight of the whole task.", valueName: "n"))
  var maxInFlight: String?

  @Option(
    help: ArgumentHelp(
      """
      What is kept of a page: meta (its row and its links; default), text (its visible text as well, which crawlctl \
      search finds), body (the body and the headers of every response as well, for export --format warc), or all of it.
      """, valueName: "what"), completion: .list(["meta", "text", "body", "all"]))
  var store: String?

  @Option(
    help: ArgumentHelp(
      "Whether URLs that look like crawler traps are excluded: on (default) or off.", valueName: "mode"),
    completion: .list(["on", "off"]))
  var traps: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("URLs per host at most.", valueName: "n"))
  var hostBudget: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("URLs per path pattern at most.", valueName: "n"))
  var patternBudget: String?

  @Option(
    help: ArgumentHelp(
      """
      The User-Agent of the task's requests instead of the daemon's; robots.txt is read by the letters, digits, - and _ \
      that it begins with.
      """, valueName: "agent"))
  var userAgent: String?

  @Option(
    help: ArgumentHelp(
      """
      A header field, "Name: value", that every request of the task has, to whatever host. Repeatable. It is stored and \
      shown: no place for secrets.
      """,
      valueName: "field"))
  var header: [String] = []

  @Option(
    help: ArgumentHelp(
      "The highest HTTP version that is offered: auto (default: the daemon's), 1.1, or 2 (by ALPN, so for https alone).",
      valueName: "version"), completion: .list(["auto", "1.1", "2"]))
  var httpVersion: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Whether certificates are verified (default). Without it, anybody on the way can change what is read.")
  var verifyTls: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Whether cookies are kept and sent back, in a jar of the task's own that outlives restarts (default: no).")
  var cookies: Bool?

  @Option(
    help: ArgumentHelp(
      "Credentials that the daemon's configuration has by this name, for their origins. Repeatable.", valueName: "name")
  )
  var credentials: [String] = []

  @Option(help: ArgumentHelp("The proxy that the daemon's configuration has by this name.", valueName: "name"))
  var proxy: String?

  @Option(
    help: ArgumentHelp(
      "The client certificate that the daemon's configuration has by this name, for servers that ask for one.",
      valueName: "name"))
  var certificate: String?

  @Option(
    help: ArgumentHelp(
      "A handler that the daemon's configuration has by this name. Repeatable: they are asked in this order.",
      valueName: "name"))
  var handler: [String] = []

  package init() {}

  /// The options that were given, by the names of the settings that they are.
  package var flags: [String: String] {
    let others = [
      "max_depth": "--depth", "drop_parameters": "--drop-parameter", "keep_parameters": "--keep-parameter",
      "handlers": "--handler", "headers": "--header",
    ]
    let names = settings.keys.map { ($0, others[$0] ?? "--" + $0.split(separator: "_").joined(separator: "-")) }
    return Dictionary(uniqueKeysWithValues: names)
  }

  /// The settings that were given, under the names that `set` takes too.
  package var settings: [String: SettingValue] {
    let texts: [(name: String, text: String?)] = [
      ("scope", scope), ("nofollow", nofollow), ("max_depth", depth), ("max_pages", maxPages), ("max_bytes", maxBytes),
      ("max_time", maxTime), ("every", every), ("keep_last", keepLast), ("concurrency", concurrency), ("delay", delay),
      ("rate", rate),
      ("robots", robots),
      ("priority", priority), ("max_in_flight", maxInFlight), ("store", store), ("traps", traps),
      ("host_budget", hostBudget), ("pattern_budget", patternBudget), ("sort_query", sortQuery),
      ("lower_case_path", lowerCasePath), ("user_agent", userAgent),
      ("http_version", httpVersion), ("verify_tls", verifyTls.map { $0 ? "on" : "off" }),
      ("proxy", proxy), ("certificate", certificate), ("cookies", cookies.map { $0 ? "on" : "off" }),
    ]
    var result: [String: SettingValue] = [:]
    for (name, text) in texts {
      if let text { result[name] = .text(text) }
    }
    if !include.isEmpty { result["include"] = .list(include) }
    if !exclude.isEmpty { result["exclude"] = .list(exclude) }
    if !dropParameter.isEmpty { result["drop_parameters"] = .list(dropParameter) }
    if !keepParameter.isEmpty { result["keep_parameters"] = .list(keepParameter) }
    if !credentials.isEmpty { result["credentials"] = .list(credentials) }
    if !handler.isEmpty { result["handlers"] = .list(handler) }
    if !header.isEmpty { result["headers"] = .list(header) }
    if !follow.isEmpty { result["follow"] = .text(follow.joined(separator: ",")) }
    return result
  }
}

extension ControlError {
  /// A refusal of a parameter that begins with the option that the user typed.
  ///
  /// - Parameter flags: the options, by the names of their parameters.
  package func naming(_ flags: [String: String]) -> ControlError {
    guard let parameter = data?.parameter, let flag = flags[parameter], message.hasPrefix("\(parameter): ") else {
      return self
    }
    var told = self
    told.message = flag + message.dropFirst(parameter.count)
    return told
  }
}
