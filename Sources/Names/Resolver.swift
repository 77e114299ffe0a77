/// The room Names: host names to addresses, on the event loop.
///
/// - Nothing here blocks: c-ares gives its sockets to the loop. There is no thread for a look-up.
/// - A hosts file of ours is asked before the network; `/etc/hosts` and search domains never are, because a name from
///   the web means the same everywhere.
/// - A name for which no server answers holds nobody up: see `ResolverConfiguration.maximumInFlight`.
/// - A name that is being looked up is looked up once, however many wait for it. Answers are kept for their time to live,
///   at most a day; "does not exist" for as long as the answer says, at most a minute, and so the addresses of one family while
///   the other family's are unknown.
///   All tables have a bound.
/// - `Resolver.connect(to:port:)` connects by name, all addresses in a race (AddressRace.swift).
/// - It vets nothing: whether an address may be connected to is judged where the socket is opened.
import Address
package import EventLoop

/// Finds the addresses of host names.
package actor Resolver: LoopActor {
  package nonisolated let loop: EventLoop
  private let configuration: ResolverConfiguration
  private let hosts: HostsFile?
  private var channel: AresChannel
  /// Those to name servers that the system named before, until their questions have ended.
  private var formerChannels: [AresChannel] = []
  /// nil when the configuration names the servers.
  private var systemFile: SystemFile?
  private var cache: NameCache
  /// Names that are waited for: sent, or in one of the queues.
  private var lookups: [String: NameLookup] = [:]
  private var inFlight = 0
  private var places = 0
  private var queue = LookupQueue()
  private var silentSites = SilentSites()
  /// Those of silent sites that were sent, and that wait.
  private var suspects = 0
  private var suspectQueue = LookupQueue()
  private var counters = ResolverStatistics()

  /// Reads the hosts file and the system's list of name servers, and from then on that list alone, when it has changed.
  ///
  /// - Parameter hostsFile: path of a file in hosts(5) format.
  /// - Throws: `ResolverError` when the hosts file can't be read or has an invalid line, or when c-ares can't start.
  package init(
    loop: EventLoop, hostsFile: String? = nil, configuration: ResolverConfiguration = ResolverConfiguration()
  ) throws(ResolverError) {
    self.loop = loop
    self.configuration = configuration
    hosts = if let hostsFile { try HostsFile(path: hostsFile) } else { nil }
    systemFile = configuration.servers == nil ? SystemFile(path: configuration.systemFile, now: loop.now) : nil
    channel = try AresChannel(loop: loop, configuration: configuration)
    cache = NameCache(capacity: configuration.cacheEntries)
  }

  package var statistics: ResolverStatistics {
    var statistics = counters
    statistics.inFlight = inFlight
    statistics.queries = pendingQueries
    statistics.waiting = queue.count + suspectQueue.count
    statistics.cached = cache.count
    return statistics
  }

  /// The addresses of a name, IPv4 and IPv6 in turn; an address literal (IPv6 with or without brackets) at once.
  ///
  /// Never throws. A cancelled caller gets `.cancelled`; the look-up goes on for the others.
  ///
  /// - Parameter site: what the name shares with all that the same name servers may be to answer for, asked when it has to be
  ///   looked up; nil: it is alone.
  package func resolve(_ name: String, site: @Sendable () -> String? = { nil }) async -> Resolution {
    if let known = known(name) { return known }
    let key = NameLookup.key(of: name)
    let waiter = NameWaiter()
    if let shared = lookups[key] {
      counters.shared += 1
      shared.waiters.append(waiter)
      return await wait(for: shared, with: waiter)
    }
    followSystem(hasReason: false)
    let lookup = NameLookup(name: key, site: site() ?? key)
    lookup.waiters.append(waiter)
    lookups[key] = lookup
    queue.append(lookup)
    startQueued()
    return await wait(for: lookup, with: waiter)
  }

  /// Ends all look-ups as failed and closes the sockets. The resolver is of no use afterwards.
  package func close() {
    systemFile = nil
    queue.removeAll()
    suspectQueue.removeAll()
    channel.close()
    for channel in formerChannels { channel.close() }
    for lookup in Array(lookups.values) {
      finish(lookup, .failure(kind: .failed, message: "the resolver was closed"))
    }
  }

  /// What needs no look-up: literals, the hosts file, impossible names, the cache.
  private func known(_ name: String) -> Resolution? {
    let literal = name.hasPrefix("[") && name.hasSuffix("]") ? String(name.dropFirst().dropLast()) : name
    let timeToLive = ResolverConfiguration.maximumTimeToLive
    if let address = Address(literal) { return .addresses([address], timeToLive: timeToLive) }
    let key = NameLookup.key(of: name)
    if let addresses = hosts?.addresses(of: key) { return .addresses(addresses, timeToLive: timeToLive) }
    guard NameLookup.isPossible(key) else {
      return .failure(
        kind: .notFound, message: "“\(name)” cannot be the name of a host: a label or the name is too long")
    }
    if let cached = cache.resolution(of: key, now: loop.now) {
      counters.cacheHits += 1
      return cached
    }
    return nil
  }

  private func wait(for lookup: NameLookup, with waiter: NameWaiter) async -> Resolution {
    let loop = self.loop
    return await withTaskCancellationHandler {
      await withCheckedContinuation { waiter.park($0) }
    } onCancel: {
      loop.callSoonThreadSafe { self.assumeIsolated { $0.cancel(waiter, of: lookup) } }
    }
  }

  /// Lets a caller go. A name that waits for a place and that nobody waits for any more is not asked for.
  private func cancel(_ waiter: NameWaiter, of lookup: NameLookup) {
    waiter.finish(.failure(kind: .cancelled, message: "the look-up was cancelled"))
    lookup.waiters.removeAll { $0 === waiter }
    guard lookup.state == .queued, lookup.waiters.isEmpty else { return }
    lookup.state = .finished
    lookups[lookup.name] = nil
    if lookup.isSuspect { suspectQueue.noteFinished() } else { queue.noteFinished() }
  }

  /// Two for each name, and as many of names whose callers have gone on or given up: c-ares takes no query back.
  private var maximumQueries: Int { 4 * configuration.maximumInFlight }

  private var pendingQueries: Int { formerChannels.reduce(channel.pending) { $0 + $1.pending } }

  /// Asks the servers that the system names now, and whether there is a way to IPv6 now.
  private func followSystem(hasReason: Bool) {
    guard let version = systemFile?.change(now: loop.now, hasReason: hasReason),
      let next = try? AresChannel(loop: loop, configuration: configuration)
    else { return }
    systemFile?.noteRead(version)
    formerChannels.append(channel)
    channel = next
    // One that still has something to say would say it when it is let go of, and the resolver would come here again.
    formerChannels.removeAll(where: \.isIdle)
  }

  private func startQueued() {
    while places < configuration.maximumInFlight, mayAsk, let lookup = nextUnsuspected() {
      lookup.hasPlace = true
      places += 1
      start(lookup)
    }
    while suspects < configuration.maximumInFlight, mayAskSuspect, let lookup = suspectQueue.popFirst() {
      suspects += 1
      start(lookup)
    }
  }

  private var mayAsk: Bool { pendingQueries + 2 <= maximumQueries }

  /// The places that are free can be taken nevertheless.
  private var mayAskSuspect: Bool {
    let each = configuration.families == .ipv4 ? 1 : 2
    return pendingQueries + each * (1 + configuration.maximumInFlight - places) <= maximumQueries
  }

  /// The first in the queue; those of silent sites before it go to a queue of their own.
  private func nextUnsuspected() -> NameLookup? {
    while let lookup = queue.popFirst() {
      guard silentSites.contains(lookup.site) else { return lookup }
      lookup.isSuspect = true
      suspectQueue.append(lookup)
    }
    return nil
  }

  private func start(_ lookup: NameLookup) {
    inFlight += 1
    counters.sent += 1
    lookup.state = .sent
    // Nobody may wait any more by then, and the resolver may be dropped.
    lookup.deadline = loop.callLater(min(configuration.retransmission, configuration.deadline)) { [weak self] in
      self?.assumeIsolated { $0.noteSilence(of: lookup) }
    }
    lookup.answered = { [weak self, unowned lookup] in self?.assumeIsolated { $0.answered(lookup) } }
    channel.query(lookup)
  }

  /// The question has to be sent again: others are asked for meanwhile.
  private func noteSilence(of lookup: NameLookup) {
    silentSites.insert(lookup.site)
    leavePlace(lookup)
    let rest = configuration.deadline - configuration.retransmission
    guard rest > .zero else { return finish(lookup, lookup.resolution) }
    lookup.deadline = loop.callLater(rest) { [weak self] in
      self?.assumeIsolated { $0.finish(lookup, lookup.resolution) }
    }
    startQueued()
  }

  /// Names of a site that was heard wait with the others again.
  private func clearSuspects(of site: String) {
    for lookup in suspectQueue.takeAll(where: { $0.site == site }) {
      lookup.isSuspect = false
      queue.append(lookup)
    }
  }

  private func leavePlace(_ lookup: NameLookup) {
    guard lookup.hasPlace else { return }
    lookup.hasPlace = false
    places -= 1
  }

  /// One of the two answers of a look-up has come.
  private func answered(_ lookup: NameLookup) {
    if !lookup.isAwaited { lookup.answered = nil }
    if lookup.isHeard, silentSites.remove(lookup.site) { clearSuspects(of: lookup.site) }
    if lookup.state == .finished {
      // Too late for those who waited, but not for the next ones (RFC 8305 section 3).
      if lookup.hasAddresses { keep(lookup) }
    } else if lookup.isSettled {
      finish(lookup, lookup.resolution)
    } else if lookup.hasAddresses, lookup.patience == nil {
      // One family has answered: the other one gets a moment, not its whole deadline (RFC 8305 section 3).
      lookup.patience = loop.callLater(configuration.patience) { [weak self] in
        self?.assumeIsolated { $0.finish(lookup, lookup.resolution) }
      }
    }
    // There is room for one query more.
    startQueued()
  }

  private func finish(_ lookup: NameLookup, _ resolution: Resolution) {
    guard lookup.state != .finished else { return }
    let wasSent = lookup.state == .sent
    lookup.end()
    lookups[lookup.name] = nil
    keep(lookup)
    switch resolution {
    case .addresses, .failure(kind: .notFound, _): break
    case .failure:
      counters.failed += 1
      followSystem(hasReason: true)
    }
    for waiter in lookup.waiters { waiter.finish(resolution) }
    lookup.waiters = []
    if wasSent {
      inFlight -= 1
      leavePlace(lookup)
      if lookup.isSuspect { suspects -= 1 }
      startQueued()
    }
  }

  /// Keeps what is known of the name for as long as it is true.
  private func keep(_ lookup: NameLookup) {
    let resolution = lookup.resolution
    let expires: EventLoop.Instant?
    switch resolution {
    case .addresses: expires = lookup.expiry(ofHalf: configuration.negativeTimeToLive)
    case .failure(kind: .notFound, _):
      // A name that was there is likely to come back, and whoever tries it again means to find that out.
      let wasThere = cache.hadAddresses(lookup.name)
      expires = lookup.negativeTimeToLive.map {
        loop.now + (wasThere ? min($0, ResolverConfiguration.unsaidTimeToLive) : $0)
      }
    case .failure: expires = nil
    }
    if let expires, expires > loop.now { cache.insert(lookup.name, resolution, expires: expires) }
  }
}
