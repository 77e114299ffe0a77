package import ArgumentParser
package import Control
import Units
import WebURL

/// `crawlctl url URL`
package struct ShowURL: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "url", abstract: "Shows everything known about a URL: its fate, its last fetch, and what led to it.")

  @Argument(help: ArgumentHelp("The URL.", valueName: "url")) var url: String
  @Option(help: ArgumentHelp("In this task alone.", valueName: "task")) var task: String?
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    let urls: [URLReport]
    do {
      urls = try Session.ask(URLShow.self, URLShow.Parameters(url: url, task: task), daemon).urls
    } catch let error as ControlError where error.code == .notFound && WebURL(url) == nil {
      throw Failure(.notFound, "crawlctl: “\(url)” is no URL, and no page has it as one: give it whole, with https://")
    }
    if urls.isEmpty { throw Failure(.notFound, "crawlctl: no task was ever offered \(url)") }
    if daemon.json { return try urls.forEach(Output.json) }
    let now = Timestamp.now().microseconds
    Output.write(urls.map { Self.sheet(of: $0, now: now).rendered(width: Output.width) }.joined(separator: "\n"))
  }

  package static func sheet(of url: URLReport, now: Int64) -> TextSheet {
    var sheet = TextSheet()
    sheet.add("url", url.url)
    sheet.add("task", "\(url.taskID)  \(url.taskName)")
    sheet.add("state", url.state + (url.reason.map { "(\($0))" } ?? ""))
    if let handler = url.handler { sheet.add("handler", "\(handler): \(url.handlerWords ?? "")") }
    sheet.add("depth", "\(url.depth), redirects \(url.redirects), priority \(url.priority), attempts \(url.attempts)")
    sheet.add("discovered", Text.until(url.discoveredAt, now: now))
    if let due = url.dueAt {
      sheet.add("due", Text.until(due, now: now))
    } else if url.state == "delayed" {
      sheet.add("due", "not before crawlctl unblock (crawlctl why)")
    }
    if let fetch = url.lastFetch {
      sheet.add("last fetch", Text.until(fetch.at, now: now))
      var outcome = fetch.outcome
      if let status = fetch.status { outcome += ", status \(status)" }
      if let duration = fetch.duration { outcome += ", \(Text.duration(duration))" }
      if let address = fetch.remoteAddress { outcome += ", from \(address)" }
      sheet.add("outcome", outcome)
      if let change = fetch.change { sheet.add("change", change) }
      if let error = fetch.error { sheet.add("error", error) }
      if let target = fetch.redirectTo { sheet.add("redirects to", target) }
      if fetch.status != nil, let bytes = fetch.bodyBytes { sheet.add("body", ByteCount.format(bytes)) }
    }
    if let robots = url.robotsFetch {
      let cause = robots.error ?? robots.status.map { "HTTP \($0)" } ?? robots.outcome
      sheet.add("robots.txt", "could not be read \(Text.until(robots.at, now: now)): \(cause) (\(robots.outcome))")
    }
    if let title = url.title { sheet.add("title", title) }
    if url.linksTruncated == true { sheet.add("links", "its page has more than are kept") }
    let kinds = url.linkKinds ?? []
    if url.via.isEmpty && !kinds.isEmpty {
      let isOfEarlierCrawl = kinds == ["recrawl"]
      sheet.add("found on", isOfEarlierCrawl ? "no page: an earlier crawl has it" : "a Sitemap line of a robots.txt")
    }
    for (index, via) in url.via.enumerated() {
      let link = index == 0 && !kinds.isEmpty ? "  (\(kinds.joined(separator: ", ")))" : ""
      sheet.add(index == 0 ? "found on" : "", via + link)
    }
    return sheet
  }
}
