internal import Logging

// What keeps a task from running by its settings: they name what the daemon's configuration has no more, or can't be read.

extension CrawlConfiguration {
  package struct UnknownName: Sendable {
    package var setting: String
    package var problem: String
    package var accepted: String

    var error: CrawlError { .setting(name: setting, problem: problem, accepted: accepted) }
  }

  /// The first name that the configuration does not have.
  package func unknownName(in settings: TaskSettings) -> UnknownName? {
    unknown("credentials", settings.credentials, among: credentials.keys, of: "[credentials.NAME]")
      ?? unknown("proxy", settings.proxy.map { [$0] } ?? [], among: proxies.keys, of: "[proxies.NAME]")
      ?? unknown(
        "certificate", settings.certificate.map { [$0] } ?? [], among: certificates.keys, of: "[certificates.NAME]")
      ?? unknown("handlers", settings.handlers, among: handlers.keys, of: "[handlers.NAME]")
  }

  private func unknown(
    _ setting: String, _ names: [String], among known: some Collection<String>, of section: String
  ) -> UnknownName? {
    guard let name = names.first(where: { !known.contains($0) }) else { return nil }
    let accepted =
      known.isEmpty ? "none, since the daemon's configuration has no \(section)" : known.sorted().joined(separator: " ")
    return UnknownName(setting: setting, problem: "the daemon's configuration names no “\(name)”", accepted: accepted)
  }
}

extension Crawler {
  /// Why a task can't run by its settings, and what helps, as sentences; nil when it can. It must not do without what they
  /// name, and would go around its proxy, nor without what can't be read of them, such as what it is not to fetch.
  func settingsProblem(of task: CrawlTask) -> (sentence: String, remedy: String)? {
    if let sentence = task.unreadSentence { return (sentence, task.unreadRemedy) }
    guard let unknown = configuration.unknownName(in: task.settings) else { return nil }
    return (
      "its settings name what the daemon's configuration lacks: \(unknown.error)",
      "put it into the configuration and restart crawld" + (task.state.isFinal ? "" : ", or change the setting")
    )
  }

  /// - Throws: `.refused` for a task that can't run by its settings.
  func requireSettings(of task: CrawlTask) throws(CrawlError) {
    guard let problem = settingsProblem(of: task) else { return }
    throw .refused(
      "task \(task.id) \(task.name) can't run: \(problem.sentence); \(problem.remedy)",
      actions: task.state.actions.map(\.rawValue))
  }

  /// - Parameter names: settings that are given anew.
  /// - Throws: `.refused` when more than those can't be read of a task's: whatever goes on with the defaults in their place
  ///   would not be what its user wants.
  func requireReadSettings(
    of task: CrawlTask, but names: some Collection<String> = [String]()
  ) throws(CrawlError) {
    guard let sentence = task.unreadSentence, !task.unreadSettings.keys.allSatisfy({ names.contains($0) })
    else { return }
    throw .refused(
      "task \(task.id) \(task.name): \(sentence); \(task.unreadRemedy)", actions: task.state.actions.map(\.rawValue))
  }

  /// The daemon's start: a task that can't run by its settings is paused, and one that was paused for that goes on when it
  /// can.
  func settleSettings(of task: CrawlTask) async {
    let problem = settingsProblem(of: task)
    if task.unreadSentence != nil, task.state.isFinal, let problem {
      logger.warning("task \(task.id) \(task.name): \(problem.sentence)")
    }
    switch task.state {
    case .queued, .running:
      guard let problem else { return }
      logger.error("task \(task.id) \(task.name) is paused: \(problem.sentence); \(problem.remedy)")
      await settle(task, in: .paused, reason: .configuration, action: "pause")
    case .paused where task.reason == .configuration && task.desiredState == .running && problem == nil:
      await settle(task, in: .queued, reason: nil, action: "resume")
    default: break
    }
  }
}

extension CrawlTask {
  /// What is wrong with its stored settings; nil when all could be read.
  fileprivate var unreadSentence: String? {
    guard let first = unreadSettings.min(by: { $0.key < $1.key }) else { return nil }
    let others = unreadSettings.count == 1 ? "" : "; nor can \(unreadSettings.count - 1) more be"
    return "what is stored of its settings can't be read: \(first.value)\(others)"
  }

  fileprivate var unreadRemedy: String {
    let names = unreadSettings.keys.sorted()
    if !state.isFinal, names.allSatisfy(TaskSettings.canBeChanged) {
      return "set them anew (crawlctl set \(id) \(names.map { "\($0)=…" }.joined(separator: " ")))"
    }
    return "the version of crawld that wrote them may read them; else add another task"
  }
}
