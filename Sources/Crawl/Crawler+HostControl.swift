internal import EventLoop
internal import Fetch
package import Frontier
internal import Logging
internal import Politeness
internal import Store
internal import Units

/// A host and until when it is blocked.
package struct HostBlockState: Sendable {
  package var id: Int64
  package var origin: String
  /// Microseconds since 1970 UTC; nil when no block is in force.
  package var until: Int64?
  /// No task knew it.
  package var isNew = false
}

// Hosts that a user wants left alone, or treated otherwise than the tasks say.
extension Crawler {
  /// Starts no request to the hosts of a place from this instant on, whatever task it is for. When this returns, that is on
  /// disk, and holds over restarts. Requests that were sent end; what was not sent goes back to the queue without an
  /// attempt. An earlier block of the user's is replaced.
  ///
  /// Of a host that no task knows yet, and of one that is known at its usual port, both http and https are blocked, at their
  /// usual ports unless the place says others.
  ///
  /// - Parameters:
  ///   - place: `name`, `name:port` or `scheme://name:port`.
  ///   - until: microseconds since 1970 UTC, at most `HostClock.maximumBlock` ahead; nil: until `unblock`.
  /// - Throws: `.unknownPlace` for what is no host, `.setting` for what stands for several, `.refused` for a time that has
  ///   passed, `.store`.
  package func block(_ place: String, until: Int64?, actor: String) async throws(CrawlError) -> [HostBlockState] {
    noteClock()
    let last = dueNow &+ HostClock.maximumBlock
    let until = min(until ?? last, last)
    guard until > dueNow else {
      throw .refused("the time until which \(place) is to be blocked has passed", actions: [])
    }
    let known = frontier.knownHosts(named: place)
    // A URL may have such a host, but who types it means all that it stands for.
    if known.isEmpty, place.contains("*") {
      throw .setting(
        name: "host", problem: "“\(place)” is no host", accepted: "one host: name, name:port or scheme://name:port")
    }
    let hosts = known.isEmpty ? frontier.meetHosts(named: place) : withUsual(known, named: place)
    if hosts.isEmpty { throw .unknownPlace(place) }
    for host in hosts { frontier.block(hostID: host.id, until: loopTime(ofDue: until)) }
    let ids = Set(hosts.map(\.id))
    for visit in live.values where ids.contains(visit.hostID) && !visit.progress.phase.isRequestSent { visit.abort() }
    try await storeBlock(hosts, until: until)
    for host in hosts {
      logger.notice("\(host.origin) is blocked by \(actor)")
      announce(.block(until: until, reason: BlockReason.user.rawValue, actor: actor), host: host.origin)
    }
    needsPump()
    return hosts.map { HostBlockState(id: $0.id, origin: $0.origin, until: until, isNew: known.isEmpty) }
  }

  private static let usualPorts = [(scheme: "http://", port: ":80"), (scheme: "https://", port: ":443")]

  /// The known hosts of a place, and if one of them is at its usual port, those of http and https at theirs, unless the place
  /// says otherwise: a redirect or a link from the one to the other is common.
  private func withUsual(_ known: [(id: Int64, origin: String)], named place: String) -> [(id: Int64, origin: String)] {
    guard known.contains(where: { Self.isUsual($0.origin) }) else { return known }
    return known
      + frontier.meetHosts(named: place, where: Self.isUsual).filter { host in !known.contains { $0.id == host.id } }
  }

  private static func isUsual(_ origin: String) -> Bool {
    usualPorts.contains { origin.hasPrefix($0.scheme) && origin.hasSuffix($0.port) }
  }

  /// Ends every block of the hosts of a place: the user's, what they asked for with Retry-After, and outages.
  package func unblock(_ place: String, actor: String) async throws(CrawlError) -> [HostBlockState] {
    let hosts = try hosts(of: place)
    for host in hosts { frontier.unblock(hostID: host.id) }
    try await storeBlock(hosts, until: nil)
    for host in hosts {
      logger.notice("\(host.origin) is unblocked by \(actor)")
      announce(.block(until: nil, reason: nil, actor: actor), host: host.origin)
    }
    needsPump()
    return hosts.map { HostBlockState(id: $0.id, origin: $0.origin) }
  }

  private func hosts(of place: String) throws(CrawlError) -> [(id: Int64, origin: String)] {
    let hosts = frontier.knownHosts(named: place)
    if hosts.isEmpty { throw .unknownPlace(place) }
    return hosts
  }

  private func storeBlock(_ hosts: [(id: Int64, origin: String)], until: Int64?) async throws(CrawlError) {
    appendNewHosts()
    do {
      try await store.setBlock(hostIDs: hosts.map(\.id), until: until)
    } catch {
      throw .store(
        until == nil
          ? "no block holds any more, but that could not be stored, so a restart brings it back: \(error)"
          : "the block holds, but could not be stored, so a restart forgets it: \(error)")
    }
  }

  /// A host that a redirect of a robots.txt has met has no row before that visit ends; what users say of it needs one.
  private func appendNewHosts() {
    guard frontier.hasNewHosts else { return }
    lastSequence = store.append(VisitRecord(taskID: 0, newHosts: frontier.takeNewHosts().map(HostRecord.init)))
  }

  // MARK: Settings of hosts

  /// Gives the hosts of a place what a user wants of them, effective at once for every task and kept over restarts:
  /// `delay`, `concurrency` and `budget`, each as the tasks' setting of that name takes it (`budget` as `host_budget`), or
  /// `none` for what the tasks say. Beside a host that is known at its usual port both http and https have it, as with `block`.
  ///
  /// - Parameter values: names and texts; the others stay as they are.
  /// - Returns: what is wanted of each host now.
  /// - Throws: `.setting`, `.unknownPlace` for a host that no task knows, `.store`.
  package func setHosts(of place: String, _ values: [String: [String]], actor: String) async throws(CrawlError)
    -> [HostControl]
  {
    let known = try hosts(of: place)
    // What is refused changes nothing: no host is met for it.
    var probe = HostSettings()
    for (name, texts) in values.sorted(by: { $0.key < $1.key }) { try probe.set(name, to: texts) }
    var all: [HostControl] = []
    for host in withUsual(known, named: place) {
      var settings = frontier.settings(ofHost: host.id)
      for (name, texts) in values { try settings.set(name, to: texts) }
      all.append(HostControl(id: host.id, origin: host.origin, settings: settings))
    }
    let countsAnew = all.contains { $0.settings.budget != nil && frontier.settings(ofHost: $0.id).budget == nil }
    let hasNewBudget = all.contains { $0.settings.budget != frontier.settings(ofHost: $0.id).budget }
    for host in all { frontier.set(host.settings, hostID: host.id) }
    for id in hasNewBudget ? unfinishedTaskIDs : [] {
      guard let task = tasks[id] else { continue }
      if countsAnew { task.mustCountBudgets = true }
      judge(task, [.hostBudget])
    }
    appendNewHosts()
    do {
      try await store.setHosts(
        all.map {
          HostSettingsRecord(
            hostID: $0.id, delay: $0.settings.delay, concurrency: $0.settings.concurrency, budget: $0.settings.budget)
        })
    } catch {
      throw .store("this holds, but could not be stored, so a restart forgets it: \(error)")
    }
    for host in all { logger.notice("\(host.origin): \(host.text), set by \(actor)") }
    needsPump()
    return all
  }

  func recoverHostSettings() async throws {
    for host in try await store.hostSettings() {
      let settings = HostSettings(delay: host.delay, concurrency: host.concurrency, budget: host.budget)
      frontier.set(settings, hostID: host.hostID)
    }
  }
}

/// A host and what users want of it.
package struct HostControl: Sendable {
  package var id: Int64
  package var origin: String
  package var settings: HostSettings

  var text: String {
    let delay = settings.delay.map { "delay=\(DurationText.exact(.microseconds($0)))" }
    return [
      delay ?? "delay=none", "concurrency=\(settings.concurrency.map(String.init) ?? "none")",
      "budget=\(settings.budget.map(String.init) ?? "none")",
    ].joined(separator: " ")
  }
}

extension HostSettings {
  /// Reads a value as the setting of a task that it stands in for. Errors have the name that was typed, and say that `none` is
  /// accepted.
  mutating func set(_ name: String, to texts: [String]) throws(CrawlError) {
    let ofTask = ["delay": "delay", "concurrency": "concurrency", "budget": "host_budget"]
    guard let setting = ofTask[name] else {
      throw .setting(name: name, problem: "no setting of a host", accepted: "delay concurrency budget")
    }
    let isNone = texts == ["none"]
    var task = TaskSettings()
    do throws(CrawlError) {
      if !isNone { try task.set(setting, to: texts) }
    } catch {
      guard case .setting(_, let problem, let accepted) = error else { throw error }
      throw .setting(
        name: name, problem: problem, accepted: accepted.hasSuffix("or none") ? accepted : accepted + ", or none")
    }
    switch name {
    case "delay": delay = isNone ? nil : task.delay.microseconds
    case "concurrency": concurrency = isNone ? nil : task.concurrency
    default: budget = task.hostBudget
    }
  }

  /// What a user wants of the host's pace, as `set` takes it; nil when nothing.
  var paceText: String? {
    let words = [
      delay.map { "delay=\(DurationText.exact(.microseconds($0)))" }, concurrency.map { "concurrency=\($0)" },
    ].compactMap { $0 }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }
}
