internal import Logging

// What a task's settings name in the daemon's configuration, which may have changed since.

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
  /// A task that is to run must not do without what its settings name: it would go around its proxy.
  func requireNames(of task: CrawlTask) throws(CrawlError) {
    guard let unknown = configuration.unknownName(in: task.settings) else { return }
    throw .refused(
      "task \(task.id) \(task.name) can't run: \(unknown.error); put it into the configuration and restart crawld"
        + (task.state.isFinal ? "" : ", or change the setting"), actions: task.state.actions.map(\.rawValue))
  }

  /// The daemon's start: a task whose settings name what the configuration lacks is paused, and one that was paused for
  /// that goes on when it lacks it no more.
  func settleNames(of task: CrawlTask) async throws {
    let problem = configuration.unknownName(in: task.settings)
    switch task.state {
    case .queued, .running:
      guard let problem else { return }
      logger.error("task \(task.id) \(task.name) is paused: \(problem.error)")
      try await change(
        task, to: .paused, desired: task.desiredState, reason: .configuration, action: "pause", actor: "daemon")
    case .paused where task.reason == .configuration && task.desiredState == .running && problem == nil:
      try await change(task, to: .queued, desired: .running, reason: nil, action: "resume", actor: "daemon")
    default: break
    }
  }
}
