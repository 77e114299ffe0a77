internal import Frontier
internal import Politeness
package import Store
internal import Units
internal import WebURL

// "Why is it doing that?", asked of a URL.
extension Crawler {
  /// - Parameter text: what stands for a URL that is none.
  func why(_ url: WebURL?, as text: String, taskID: Int64?) async throws(CrawlError) -> WhyReport {
    let name = url?.href ?? text
    let details = try await urlDetails(text, task: taskID)
    var lines: [WhyLine] = if let url { try await rewriteLines(of: url, taskID: taskID) } else { [] }
    if details.isEmpty, lines.isEmpty { throw .unknownPlace(name) }
    var next = Int64.max
    for detail in details {
      if let url, detail.record.hostID != nil, detail.record.url != url.withoutFragment().href {
        lines.append(
          line("canonical", "task \(detail.taskName): it counts as the same URL as \(detail.record.url), found before"))
      }
      var explained = try await explain(detail)
      let start = explained.nextStart
      if let task = tasks[detail.record.taskID], let line = line(task, endsBefore: start) {
        explained.append(line)
      } else {
        next = min(next, start)
      }
      lines += explained
      if let via = via(detail) { lines.append(via) }
      if detail.linksTruncated {
        lines.append(
          line("links_truncated", "its page has more links than are kept: some URLs that it names may not be known"))
      }
      if let fetch = detail.lastFetch, fetch.outcome != "ok" || fetch.error != nil {
        let target = fetch.redirectTo.map { " to \($0)" } ?? ""
        let error = fetch.error.map { ": \($0)" } ?? (detail.redirectsNowhere ? "; its redirects lead nowhere" : "")
        lines.append(line("last_fetch", "last fetch (attempt \(fetch.attempt)): \(fetch.outcome)\(target)\(error)"))
      }
    }
    let only = details.count == 1 ? details[0].record : nil
    return WhyReport(
      subject: .url, name: name, state: only.map { isInFlight($0) ? "in_flight" : $0.state.rawValue },
      reason: only?.reason, lines: lines,
      nextDueAt: toCome(next), taskIDs: details.map(\.record.taskID))
  }

  private func via(_ detail: URLDetails) -> WhyLine? {
    if detail.isOfEarlierCrawl {
      return line("via", "an earlier crawl has its page, and no page of this one leads to it")
    }
    if detail.isNamedByRobots { return line("via", "found through a Sitemap line of a robots.txt") }
    if detail.via.isEmpty { return nil }
    var chain = detail.via.prefix(5).joined(separator: " ← ")
    if !detail.linkKinds.isEmpty { chain += " (link of kind \(detail.linkKinds.joined(separator: ", ")))" }
    return line("via", "found through \(chain)", count: detail.via.count)
  }

  private func explain(_ detail: URLDetails) async throws(CrawlError) -> [WhyLine] {
    let robots = try await decidingRobotsFailure(of: detail)
    let record = detail.record
    let prefix = "task \(detail.taskName): "
    if let visit = visit(of: record) {
      guard visit.phase == .handler, let task = tasks[record.taskID] else {
        return [line("in_flight", prefix + "it is being fetched now (crawlctl ps \(record.taskID))")]
      }
      let text = "it was fetched, and waits for its task's handlers (\(visit.handlerNames))"
      return [line("handler", prefix + text)] + failureLines(ofHandlers: task)
    }
    if waitsForCommit(record) {
      return [line("commit", prefix + "its visit has ended, and waits for its commit")] + pressureLines
    }
    switch record.state {
    case .done: return [line("done", prefix + "it was fetched: \(doneText(record))")]
    case .failed:
      if let robots { return [line("failed", prefix + "it failed: \(robotsText(robots, tries: nil))")] }
      return [
        line(
          "failed", prefix + "it failed after \(PluralText.count(record.attempts, "attempt")): \(record.reason ?? "")")
      ]
    case .excluded:
      let sentence = exclusionText(record)
      let rule = try await robotsRule(of: record).map { ": \($0)" }
      let cause =
        rule ?? robots.map { "; \($0.cause)" } ?? detail.handlerVerdict.map { ", \($0.handler): \($0.words)" } ?? ""
      return [line("excluded", prefix + "it is excluded (\(record.reason ?? "")): \(sentence)\(cause)")]
    case .delayed:
      guard let task = tasks[record.taskID] else { return [] }
      if task.state != .running {
        return [line(of: task, prefix + "it would be \(record.nextTry), but ")]
      }
      if let fate = try await fateLine(record, prefix + "it is to be \(record.nextTry)") { return [fate] }
      let next = nextTry(due: record.dueAt, hostID: record.hostID, taskID: task.id)
      var again = line("delayed", prefix + "it is \(record.nextTry)", until: record.dueAt)
      again.startsAt = next.start ?? .min
      let host = next.reason.map { line($0, "its host: \($0.words)", until: next.start) }
      return [again] + [host].compactMap { $0 } + holdLines(task).filter { $0.holdsUntil != nil }
    case .ready:
      guard let task = tasks[record.taskID] else { return [] }
      if task.state != .running { return [line(of: task, prefix)] }
      let place = record.hostID.flatMap { frontier.place(ofURL: record.id, hostID: $0, task: task.id) }
      let text = prefix + "it waits in the queue of its host, depth \(record.depth)" + placeText(place)
      let fate = try await fateLine(record, text)
      var lines = [fate ?? line("ready", text, count: place?.before)] + holdLines(task)
      if let hostID = record.hostID, let blocking = frontier.blocking(task: task.id, hostID: hostID, now: now) {
        lines.append(line(blocking, task: task.id, hostID: hostID))
        lines += redirectLines(task: task.id, hostID: hostID)
        if let robots {
          let tries = frontier.robotsTriesInVain(hostID: hostID, task: task.id)
          lines.append(line("robots_unreachable", robotsText(robots, tries: tries)))
        }
      }
      // When the host may be asked next is not when it is the turn of others than the first.
      if fate != nil || place?.before != 0 || place?.isExact == false {
        for index in lines.indices { lines[index].startsAt = nil }
      }
      return lines
    }
  }

  /// What becomes of a URL that waits when its turn comes, if the rules of now exclude it; nil otherwise.
  private func fateLine(_ record: URLRecord, _ text: String) async throws(CrawlError) -> WhyLine? {
    guard let hostID = record.hostID, let url = WebURL(record.url) else { return nil }
    let entry = FrontierEntry(
      key: QueuePlace(priority: record.priority, depth: record.depth, id: record.id), taskID: record.taskID,
      hostID: hostID, url: url, redirects: record.redirects, attempts: record.attempts, viaURLID: record.viaURLID)
    guard let reason = frontier.exclusionNow(of: entry, now: now) else { return nil }
    var judged = record
    judged.reason = reason.rawValue
    let rule = try await robotsRule(of: judged).map { ": \($0)" } ?? ""
    return line(
      record.state.rawValue,
      "\(text); when its turn comes it is excluded (\(reason.rawValue)): \(exclusionText(judged))\(rule)")
  }

  private func placeText(_ place: (before: Int, isExact: Bool)?) -> String {
    guard let (before, isExact) = place else { return "" }
    if before == 0 { return isExact ? ", the first of its task's there" : "" }
    return ", behind \(isExact ? "" : "at least ")\(PluralText.count(before, "URL")) of its task"
  }

  /// What a URL waits for whose task does not run.
  private func line(of task: CrawlTask, _ prefix: String) -> WhyLine {
    var state = stateLine(task)
    state.text = prefix + state.text
    return state
  }

  /// The line of robots.txt that excludes a URL, as the file is now; nil when no row has it, as of tasks that ask for files
  /// of their own.
  private func robotsRule(of record: URLRecord) async throws(CrawlError) -> String? {
    guard record.reason == ExclusionReason.robots.rawValue, let options = tasks[record.taskID]?.requestOptions,
      options.robotsReader == 0, let url = WebURL(record.url), let hostID = record.hostID,
      let text = try await committedHost(id: hostID)?.robotsText
    else { return nil }
    let verdict = RobotsRules.parse(text, productToken: options.productToken).verdict(url.pathAndQuery)
    guard !verdict.allowed, let rule = verdict.rule else { return "what that file says by now allows it" }
    return verdict.line.map { "line \($0), \(rule)" } ?? rule
  }

  private func doneText(_ record: URLRecord) -> String {
    guard let reason = record.reason else { return "ok" }
    return record.isInVain
      ? "\(reason) was its final answer, after \(PluralText.count(record.attempts, "attempt")) (crawlctl retry)"
      : reason
  }
}

extension URLDetails {
  /// It was named by a Sitemap line of a robots.txt: nothing led to it, and it is no seed.
  package var isNamedByRobots: Bool { isUnlinked && !isOfEarlierCrawl }

  /// A recrawl was offered it because an earlier crawl has its page.
  package var isOfEarlierCrawl: Bool {
    isUnlinked && record.hostID != nil && FrontierEntry.sitemapLevel(priority: record.priority) == nil
  }

  private var isUnlinked: Bool { record.viaURLID == nil && record.depth > 0 }
}
