internal import Frontier
internal import Store
internal import Units
internal import WebURL

// Which rule excludes a URL.
extension Crawler {
  /// The rule that excludes a URL, with its figures, as the task's settings are now.
  func exclusionText(_ record: URLRecord) -> String {
    guard let reason = record.reason.flatMap(ExclusionReason.init(rawValue:)) else { return record.reason ?? "" }
    guard let settings = tasks[record.taskID]?.settings, let url = WebURL(record.url) else { return reason.sentence }
    let figures: String? =
      switch reason {
      case .scope: "scope=\(settings.scope.rawValue)"
      case .exclude:
        settings.exclude.first { $0.matches(url.canonical().href) }.map { "exclude=\($0)" }
      case .include:
        settings.include.prefix(3).map { "include=\($0)" }.joined(separator: " ")
          + (settings.include.count > 3 ? " …" : "")
      case .depth: settings.maxDepth.map { "depth \(record.depth), max_depth=\($0)" }
      case .nofollow: "nofollow=\(settings.nofollow.rawValue)"
      case .follow: "follow=\(settings.follow.texts.joined(separator: ","))"
      case .trapLength: "\(url.href.utf8.count) bytes"
      case .trapRepeat: Frontier.repetition(in: url)
      case .hostBudget: hostBudgetText(record)
      case .patternBudget: settings.patternBudget.map { "pattern_budget=\($0)" }
      case .redirectLimit: "at most \(frontier.limits.maxRedirects)"
      case .robots, .trapSegments, .urlInvalid, .urlTooLong, .schemeRefused, .addressRefused, .handler: nil
      }
    return reason.sentence + (figures.map { " (\($0))" } ?? "")
  }

  /// Of a task that has ended nothing is judged anew when a user changes the budget of the host.
  private func hostBudgetText(_ record: URLRecord) -> String? {
    let task = tasks[record.taskID]
    let byNow = task?.state.isFinal ?? false ? " by now" : ""
    if let budget = record.hostID.flatMap({ frontier.settings(ofHost: $0).budget }) {
      return "a user's budget=\(budget) of the host\(byNow)"
    }
    return task?.settings.hostBudget.map { "host_budget=\($0)" } ?? (byNow.isEmpty ? nil : "none\(byNow)")
  }

  /// How many URLs a task has excluded, and by which rules; nil when none.
  func excludedLine(_ task: CrawlTask) async throws(CrawlError) -> WhyLine? {
    let count = task.counters.excluded
    guard count > 0 else { return nil }
    let reasons = try await asked { try await $0.exclusionReasons(taskID: task.id) }
    let by = reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))"
    return line(
      "excluded", PluralText.count(count, "URL", "is", "are") + " excluded" + by + ": v_excluded has them", count: count
    )
  }
}

extension ExclusionReason {
  /// How networks are allowed.
  static let networkRemedy =
    "the daemon's [network] allow or --allow-network CIDR allows it, crawlctl retry then asks for it"

  /// What the rule says, for people.
  var sentence: String {
    switch self {
    case .scope: "it is outside the scope of every seed"
    case .include: "it matches no include pattern"
    case .exclude: "it matches an exclude pattern"
    case .depth: "it is deeper than max_depth"
    case .robots: "the host's robots.txt disallows it"
    case .nofollow: "only links that say nofollow name it"
    case .follow:
      """
      only links of kinds that the task does not follow name it, or sitemaps below level \
      \(FrontierEntry.sitemapLevels.upperBound)
      """
    case .trapLength: "it is longer than 2048 bytes"
    case .trapRepeat: "its path repeats itself"
    case .trapSegments: "its path has more than 64 segments"
    case .hostBudget: "its host's budget is used up"
    case .patternBudget: "the budget of its path pattern is used up"
    case .urlInvalid: "it does not parse as a URL"
    case .urlTooLong: "it is the beginning of a URL that is too long to be kept"
    case .schemeRefused: "only http and https are fetched"
    case .redirectLimit: "its chain of redirects is too long"
    case .addressRefused: "its address is in a network that is not allowed; \(Self.networkRemedy)"
    case .handler: "a handler of the task dropped it"
    }
  }
}
