internal import EventLoop
internal import Fetch
internal import Frontier
internal import Parse
internal import Store
internal import Units
internal import WebURL

/// What a task's handlers said of what one visit found.
struct HandlerVerdicts {
  enum Verdict {
    /// With the handler's words.
    case drop(String)
    case rewrite(WebURL)
  }

  /// What one handler said, by the URL that it was asked of.
  struct Stage {
    var handler: String
    var verdicts: [String: Verdict] = [:]
  }

  /// A link that an `on-page` handler adds to a page's.
  struct AddedLink {
    /// nil: it does not parse, or is too long.
    var url: WebURL?
    /// The beginning of one that is too long.
    var text: String

    /// Has the limits of a link that stands in the page.
    init(_ text: String, base: WebURL) {
      let limit = ParseLimits().valueBytes
      let isWhole = text.utf8.count <= limit || text.utf8.prefix(limit + 1).contains(UInt8(ascii: "#"))
      url = isWhole ? WebURL(text, base: base)?.withoutFragment().withoutCredentials() : nil
      self.text = String(decoding: text.utf8.prefix(limit), as: UTF8.self)
    }
  }

  /// JSON objects, by the names of the handlers that answered them.
  var fields: [(handler: String, json: String)] = []
  var links: [AddedLink] = []
  /// In the order in which the task names its handlers: each is asked of what the one before it let through.
  var stages: [Stage] = []
  var failures: [HandlerFailureRecord] = []

  /// What is to be offered for a URL that was found, and whether it is to be excluded all the same. Notes what handlers
  /// made of it.
  func judge(
    _ url: WebURL, foundBy source: Int64, _ records: inout [HandlerVerdictRecord]
  ) -> (url: WebURL, isDropped: Bool) {
    var url = url
    for stage in stages {
      guard let verdict = stage.verdicts[url.href] else { continue }
      var record = HandlerVerdictRecord(
        url: url.href, handler: stage.handler, verdict: .drop, words: "", sourceURLID: source)
      switch verdict {
      case .drop(let words):
        record.words = words
        records.append(record)
        return (url, true)
      case .rewrite(let new):
        (record.verdict, record.words) = (.rewrite, new.href)
        records.append(record)
        url = new
      }
    }
    return (url, false)
  }
}

// How a visit asks its task's handlers, and which they are.
extension Crawler {
  func handlers(of settings: TaskSettings) -> [Handler] { settings.handlers.compactMap { handlers[$0] } }

  /// Asks the task's handlers, one after the other, what is to become of what a visit found. Meanwhile the visit counts
  /// against `max_waiting` and `max_waiting_bytes` of its task, and, unless its body is to be stored, against no bound that
  /// it shares with others.
  /// - Returns: false when the visit is told to stop before.
  func askHandlers(
    _ visit: LiveVisit, of task: CrawlTask, _ response: FetchResponse, _ contents: BodyReader.Contents?
  ) async -> Bool {
    let page = response.outcome == .ok ? contents?.page : nil
    var urls = namedURLs(visit, of: task, response, contents)
    if urls.isEmpty, page == nil { return true }
    if visit.isAborted { return false }
    visit.handlerNames = task.handlerNames
    visit.enter(.handler, now: loop.now)
    let bytes = response.body.count + (contents?.size ?? 0) + urls.reduce(0) { $0 + $1.href.utf8.count }
    unsettledVisits -= 1
    frontier.noteWaiting(1, bytes: bytes, task: task.id)
    defer {
      unsettledVisits += 1
      frontier.noteWaiting(-1, bytes: bytes, task: task.id)
    }
    var verdicts = HandlerVerdicts()
    if let page {
      guard await tell(of: page, visit, of: task, response, &verdicts) else { return false }
      urls += verdicts.links.compactMap(\.url).filter(\.isHTTP)
    }
    guard await ask(task.handlers, of: urls, foundOn: visit.entry.url.href, visit.entry.id, task, &verdicts) else {
      return false
    }
    visit.verdicts = verdicts
    return !visit.isAborted && !isHurried
  }

  /// Asks those of the handlers that filter URLs, each of what the one before it let through; of a URL once, however often it
  /// is named or rewritten to.
  /// - Returns: false when the daemon stops before.
  func ask(
    _ handlers: [Handler], of urls: [WebURL], foundOn: String, _ urlID: Int64?, _ task: CrawlTask,
    _ verdicts: inout HandlerVerdicts
  ) async -> Bool {
    var urls = urls
    for handler in handlers where handler.program.kinds.contains(.filterURL) {
      var seen: Set<String> = []
      urls.removeAll { !seen.insert($0.href).inserted }
      guard let stage = await filter(urls, by: handler, foundOn: foundOn, urlID, of: task, &verdicts.failures) else {
        return false
      }
      urls = urls.compactMap { url in
        switch stage.verdicts[url.href] {
        case nil: url
        case .drop: nil
        case .rewrite(let new): new
        }
      }
      verdicts.stages.append(stage)
    }
    return true
  }

  /// Asks for what is to be stored with a page, and offered beside its links.
  /// - Returns: false when the visit is told to stop before.
  private func tell(
    of page: Page, _ visit: LiveVisit, of task: CrawlTask, _ response: FetchResponse, _ verdicts: inout HandlerVerdicts
  ) async -> Bool {
    var page = page
    page.add(headerFacts(of: response, visit))
    for handler in task.handlers where handler.program.kinds.contains(.onPage) {
      let told = HandlerPage(page, of: visit.entry, response, for: handler.program)
      let question = HandlerQuestion(
        task: task.name, content: .page(told, fieldBytes: handler.program.fieldBytes))
      do throws(NoAnswer) {
        let answer = try await handler.ask(question)
        if let fields = answer.fields { verdicts.fields.append((handler.program.name, fields)) }
        verdicts.links += answer.links.map { .init($0, base: page.base ?? visit.entry.url) }
      } catch {
        guard case .failed(let failure) = error else { return false }
        verdicts.failures.append(record(failure, of: question, handler, urlID: visit.entry.id))
      }
    }
    return true
  }

  private func headerFacts(of response: FetchResponse, _ visit: LiveVisit) -> HeaderFacts {
    HeaderFacts(url: visit.entry.url, productToken: visit.options.productToken) { response.headers.all($0) }
  }

  /// nil when the daemon stops before.
  private func filter(
    _ urls: [WebURL], by handler: Handler, foundOn: String, _ urlID: Int64?, of task: CrawlTask,
    _ failures: inout [HandlerFailureRecord]
  ) async -> HandlerVerdicts.Stage? {
    var stage = HandlerVerdicts.Stage(handler: handler.program.name)
    var start = 0
    while start < urls.count {
      var (end, bytes) = (start, 0)
      while end < urls.count, end - start < HandlerQuestion.mostURLs {
        bytes += urls[end].href.utf8.count
        if bytes > HandlerQuestion.mostBytes, end > start { break }
        end += 1
      }
      let asked = urls[start..<end]
      start = end
      let question = HandlerQuestion(task: task.name, content: .urls(asked.map(\.href), foundOn: foundOn))
      do throws(NoAnswer) {
        let answer = try await handler.ask(question)
        for (url, words) in answer.drop { stage.verdicts[url] = .drop(words) }
        for url in asked {
          guard let text = answer.rewrite[url.href] else { continue }
          guard let new = WebURL(text, base: url)?.withoutFragment().withoutCredentials() else {
            throw .failed(HandlerFailure(.invalid, "\(url.href) rewritten to what is no URL: \(text)"))
          }
          guard new.href.utf8.count <= ParseLimits().valueBytes else {
            let limit = ParseLimits().valueBytes
            throw .failed(HandlerFailure(.invalid, "\(url.href) rewritten to a URL of more than \(limit) bytes"))
          }
          stage.verdicts[url.href] = .rewrite(new)
        }
      } catch {
        guard case .failed(let failure) = error else { return nil }
        for url in asked { stage.verdicts[url.href] = nil }
        failures.append(record(failure, of: question, handler, urlID: urlID))
        guard handler.program.onFailure == .drop else { continue }
        for url in asked { stage.verdicts[url.href] = .drop("the call failed (\(failure.reason.rawValue))") }
      }
    }
    return stage
  }

  func record(
    _ failure: HandlerFailure, of question: HandlerQuestion, _ handler: Handler, urlID: Int64?
  ) -> HandlerFailureRecord {
    HandlerFailureRecord(
      urlID: urlID, handler: handler.program.name, kind: question.kind.rawValue, at: wallNow,
      reason: failure.reason.rawValue, detail: failure.detail)
  }

  /// What a visit found and its task follows, as it is offered: links, what a sitemap or a feed names, and where
  /// a redirect leads unless it is a seed's.
  private func namedURLs(
    _ visit: LiveVisit, of task: CrawlTask, _ response: FetchResponse, _ contents: BodyReader.Contents?
  ) -> [WebURL] {
    let follow = task.settings.follow
    var named: [WebURL] = []
    if response.outcome == .redirected, visit.entry.depth > 0, let location = response.location,
      let url = WebURL(location, base: visit.entry.url)
    {
      named.append(url.withoutFragment())
    }
    if response.outcome == .ok {
      for link in headerFacts(of: response, visit).links + (contents?.page?.links ?? [])
      where follow.contains(link.kind) {
        if let url = link.url { named.append(url) }
      }
    }
    named += contents?.sitemap?.entries.map(\.url) ?? []
    for link in visit.earlierContents?.links ?? [] {
      guard link.isOfHandler || LinkKind(name: link.record.kind).map(follow.contains) ?? false else { continue }
      if let url = WebURL(link.target) { named.append(url) }
    }
    return named.filter(\.isHTTP).map { $0.withoutCredentials() }
  }

  func stopHandlers() async {
    for handler in handlers.values { await handler.stop(hurried: isHurried) }
  }

  // MARK: What is told of them

  func handlerLines(_ task: CrawlTask) -> [WhyLine] {
    var lines: [WhyLine] = []
    if task.isUntold, task.state.isFinal {
      lines.append(WhyLine(kind: "telling", text: "its handlers are still to be told of its end"))
    }
    let waiting = task.live.values.filter { $0.phase == .handler }
    if !waiting.isEmpty {
      let names = Set(waiting.map(\.handlerNames)).sorted().joined(separator: "; ")
      lines.append(
        WhyLine(
          kind: "handler",
          text: PluralText.count(waiting.count, "visit", "waits", "wait")
            + " for its handlers (\(names)); what they found is stored then",
          count: waiting.count))
    }
    return lines + failureLines(ofHandlers: task)
  }

  /// What is wrong with a task's handlers.
  func failureLines(ofHandlers task: CrawlTask) -> [WhyLine] {
    task.handlers.compactMap { handler in
      let until = handler.downUntil.map { wallTime(ofLoop: time(at: $0)) }
      return handler.trouble.map { WhyLine(kind: "handler_failing", text: $0, until: until) }
    }
  }

  /// Which tasks are offered another URL for this one, since a handler said so.
  func rewriteLines(of url: WebURL, taskID: Int64?) async throws(CrawlError) -> [WhyLine] {
    let ids = taskID.map { [$0] } ?? tasks.keys.sorted()
    let verdicts = try await handlerVerdicts(of: url.withoutFragment().withoutCredentials().href, tasks: ids)
    return verdicts.filter { $0.1.verdict == .rewrite }.map { id, verdict in
      WhyLine(
        kind: "rewritten",
        text:
          "task \(tasks[id]?.name ?? ""): where it is found, handler \(verdict.handler) has \(verdict.words) offered instead"
      )
    }
  }

  var handlerReports: [HandlerReport] {
    handlers.values.sorted { $0.program.name < $1.program.name }.map { handler in
      HandlerReport(
        name: handler.program.name, kinds: handler.program.kinds.map(\.rawValue).sorted(),
        processIDs: handler.processIDs.sorted(), starts: handler.starts, calls: handler.calls,
        failures: handler.failures, waiting: handler.waitingCount, answering: handler.answering,
        trouble: handler.trouble)
    }
  }
}

extension CrawlTask {
  /// For people.
  var handlerNames: String { handlers.map(\.program.name).joined(separator: ", ") }
}

extension Handler {
  /// What is wrong with it, for people.
  var trouble: String? {
    guard failuresInRow > 0, let lastFailure else { return nil }
    return
      "handler \(program.name) has failed \(failuresInRow == 1 ? "once" : "\(failuresInRow) times in a row"); the last call: "
      + "\(lastFailure.detail) (\(lastFailure.reason.rawValue))"
  }
}

extension EarlierContents.Link {
  /// An `on-page` handler added it.
  var isOfHandler: Bool { record.kind == VisitBuilder.handlersLinkKind }
}

extension VisitBuilder {
  /// `links.kind` of links that handlers add to a page's.
  static let handlersLinkKind = "handler"

  /// Adds what `on-page` handlers said of a page: fields to its row, links behind its own.
  func addHandlersResults(isFollowed: Bool, base: WebURL) {
    guard let verdicts else { return }
    if !verdicts.fields.isEmpty {
      record.page?.fields =
        "{" + verdicts.fields.map { "\"\($0.handler)\":\($0.json)" }.joined(separator: ",") + "}"
    }
    let first = (record.links.map(\.position).max() ?? -1) + 1
    for (index, link) in verdicts.links.enumerated() {
      let source = Offer.Source.link(followed: true, nofollow: !isFollowed)
      let target = link.url.map { offer($0, source, depth: entry.depth + 1) } ?? offerText(link.text, base: base)
      record.links.append(
        LinkRecord(targetURLID: target, kind: Self.handlersLinkKind, position: first + index))
    }
  }

  /// What is to be offered for a URL that was found, and whether it is to be excluded all the same. Notes what handlers
  /// made of it.
  func judge(_ url: WebURL) -> (url: WebURL, isDropped: Bool) {
    guard let verdicts else { return (url, false) }
    return verdicts.judge(url, foundBy: entry.id, &record.handlerVerdicts)
  }
}
