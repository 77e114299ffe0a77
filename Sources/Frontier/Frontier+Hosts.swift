package import Politeness
package import WebURL

extension Frontier {
  /// A host that has a row: later URLs on it use its id.
  package func noteHost(id: Int64, scheme: String, name: String, port: Int) {
    hostIDs.insert(id, scheme: scheme, name: Self.withoutRoot(name), port: port)
  }

  /// The id of the URL's host; a new one if it has none yet.
  func hostID(of url: WebURL) -> Int64 {
    if let id = recentHosts.id(of: url) { return id }
    let id = findHostID(of: url)
    recentHosts.note(id, of: url)
    return id
  }

  private func findHostID(of url: WebURL) -> Int64 {
    let origin = Self.origin(of: url)
    if let id = hostIDs[origin] { return id }
    let id = nextHostID
    nextHostID += 1
    let (scheme, name, port) = (url.scheme, Self.hostName(of: url), url.effectivePort ?? 0)
    hostIDs.insert(id, scheme: scheme, name: name, port: port)
    freshHosts.insert(id)
    newHosts.append(NewHost(id: id, scheme: scheme, name: name, port: port))
    return id
  }

  package static func origin(of url: WebURL) -> String {
    if url.port != nil, let origin = url.withOriginPrefix(Self.text(ofPlainOrigin:)) ?? nil { return origin }
    return "\(url.scheme)://\(hostName(of: url)):\(url.effectivePort ?? 0)"
  }

  /// An origin that ends in a port, unless its name has the root's dot.
  private static func text(ofPlainOrigin origin: UnsafeBufferPointer<UInt8>) -> String? {
    guard let colon = origin.lastIndex(of: UInt8(ascii: ":")), colon > 0, origin[colon - 1] != UInt8(ascii: ".") else {
      return nil
    }
    return String(decoding: origin, as: UTF8.self)
  }

  /// The name by which the URL's host is known: with the root's dot it is the same host (RFC 1034, section 3.1), however URLs
  /// spell it. Names with more of them, or with nothing else, are in no DNS, and stay what they are.
  package static func hostName(of url: WebURL) -> String { withoutRoot(url.hostName ?? "") }

  private static func withoutRoot(_ name: String) -> String {
    guard name.hasSuffix("."), name != ".", !name.hasSuffix("..") else { return name }
    return String(name.dropLast())
  }

  /// That of a host in memory.
  package func origin(ofHost id: Int64) -> String? { hosts[id]?.origin }

  /// The hosts that a place means when they are met: http and https, at their usual ports unless it says others; of these, those
  /// whose origin is wanted. None for what is no host.
  package func meetHosts(
    named place: String, where isWanted: (_ origin: String) -> Bool = { _ in true }
  ) -> [(id: Int64, origin: String)] {
    guard place.utf8.count <= Self.longestPlace else { return [] }
    let place = Self.asStored(place)
    let texts = place.contains("://") ? [place] : ["http://" + place, "https://" + place]
    return texts.compactMap { WebURL($0 + "/") }
      .filter { $0.isHTTP && Self.means(place, origin: Self.origin(of: $0)) && isWanted(Self.origin(of: $0)) }
      .map { (hostID(of: $0), Self.origin(of: $0)) }
  }

  /// Brings a host into memory that has been met since the start.
  func makeHost(id: Int64, of url: WebURL, now: Int64) -> Host? {
    makeHost(
      id: id, scheme: url.scheme, name: Self.hostName(of: url), port: url.effectivePort ?? 0, notBefore: now,
      throttleDelay: 0, earlierStart: mayHaveLostHosts ? takenUpAt : nil, now: now)
  }

  /// Brings a host into memory if there is room, or room can be made by dropping one that is idle.
  private func makeHost(
    id: Int64, scheme: String, name: String, port: Int, notBefore: Int64, throttleDelay: Int64, earlierStart: Int64?,
    now: Int64
  ) -> Host? {
    if hosts.count >= limits.maxActiveHosts && !dropIdleHost(now: now) { return nil }
    let host = Host(
      id: id, scheme: scheme, name: Self.withoutRoot(name), port: port,
      clock: HostClock(delay: 0, concurrency: 1, now: now, notBefore: notBefore, throttleDelay: throttleDelay))
    if let earlierStart { host.clock.noteEarlierStart(earlierStart) }
    if let block = storedBlocks.removeValue(forKey: id) { host.clock.block(until: block.until, reason: block.reason) }
    if let until = userBlocks[id] { host.clock.block(until: until, reason: .user) }
    hosts[id] = host
    freshHosts.remove(id)
    return host
  }

  /// Brings a host into memory whose row was read.
  func makeHost(_ row: StoredHost, now: Int64) -> Host? {
    let host = makeHost(
      id: row.id, scheme: row.scheme, name: row.name, port: row.port, notBefore: row.notBefore,
      throttleDelay: row.throttleDelay, earlierStart: takenUpAt, now: now)
    guard let host else { return nil }
    host.hasStoredThrottle = row.hasThrottleDelay
    takeOver(row, host)
    return host
  }

  /// Brings a host into memory that `start(_:_:now:)` has found unread; false when there is no room for it.
  package func bringHost(_ row: StoredHost, now: Int64) -> Bool {
    guard let host = hosts[row.id] ?? makeHost(row, now: now) else { return false }
    noteIdle(host)
    return true
  }

  /// Drops the longest idle host whose clock holds nothing that a later fetch must know.
  private func dropIdleHost(now: Int64) -> Bool {
    for _ in 0..<min(64, idleHosts.count) {
      guard let host = idleHosts.popFirst() else { break }
      host.isListedIdle = false
      guard host.queues.isEmpty, hosts[host.id] === host else { continue }
      if host.inFlight == 0, host.failing == 0, host.visitors.isEmpty, let readyTime = host.clock.readyTime(),
        readyTime <= now
      {
        waiting.remove(host)
        hosts[host.id] = nil
        host.forgetRules()
        rulesBytes += host.countRules()
        return true
      }
      noteIdle(host)
    }
    return false
  }

  /// Changes a host's clock otherwise than by a fetch. If the host may start earlier by that, it is woken then: who changes
  /// something need not think of it.
  func changeClock(of host: Host, _ change: (inout HostClock) -> Void) {
    let before = host.clock.readyTime()
    change(&host.clock)
    guard let after = host.clock.readyTime(), before.map({ after < $0 }) ?? true else { return }
    waiting.insert(host, at: after)
    onEarlierStart()
  }

  /// How long a host that has answered before and now looks as if it were gone is believed to come back.
  package static let longestDoubt: Int64 = 3_600_000_000

  /// Whether the host has answered before, as far as is known (since it came into memory, or so that its robots.txt was read),
  /// and has not been silent for longer than `longestDoubt` since.
  package func mayAnswerAgain(hostID: Int64, now: Int64) -> Bool {
    guard let host = hosts[hostID], host.hasAnswered else { return false }
    return now - (host.unheardSince ?? now) <= Self.longestDoubt
  }

  /// Forgets that the host was silent behind proxies, as `changeClock` forgets that it was without one.
  func forgetWays(_ host: Host) {
    if host.ways.isEmpty { return }
    host.ways = HostWays()
    guard let readyTime = host.clock.readyTime() else { return }
    waiting.insert(host, at: readyTime)
    onEarlierStart()
  }

  /// Tasks on one host share its clock: the larger delay and the smaller concurrency of those running win, unless a user
  /// has said what they are there. So do those of tasks that ask it aside.
  func configureClock(_ host: Host) { changeClock(of: host) { configure(&$0, of: host) } }

  /// Gives a clock of the host the settings that it has, or has when a task joins.
  func configure(_ clock: inout HostClock, of host: Host, joinedBy newTask: FrontierTask? = nil) {
    var (delay, concurrency): (Int64?, Int?)
    var crawlDelay: Int64?
    func heed(_ task: FrontierTask) {
      guard task.isRunning else { return }
      delay = max(delay ?? .min, task.settings.delay)
      concurrency = min(concurrency ?? .max, task.settings.concurrency)
      guard task.settings.obeysRobots else { return }
      // What it asked for holds while it is fetched again, too, and until another reader has fetched it.
      let last = host.lastRead(of: task.settings.robotsReader)
      guard let asked = last == nil ? clock.crawlDelay : last?.crawlDelay else { return }
      crawlDelay = max(crawlDelay ?? 0, asked)
    }
    for queue in host.queues { heed(queue.task) }
    for taskID in host.visitors { if let task = tasks[taskID] { heed(task) } }
    if let newTask { heed(newTask) }
    guard let delay, let concurrency else { return }
    let settings = settings(ofHost: host.id)
    clock.configure(
      delay: settings.delay ?? delay, concurrency: settings.concurrency ?? concurrency, crawlDelay: crawlDelay)
  }

  // MARK: The clock, for the database and for whoever asks

  /// What a host's clock holds beyond the ordinary delay, and so must outlive a crash; loop times.
  package struct LastingClock: Sendable {
    package var nextFetch: Int64
    package var crawlDelay: Int64?
    package var blockedUntil: Int64?
    package var blockReason: BlockReason?
    package var throttleDelay: Int64?
  }

  /// What must be stored of a host's clock, and is by whoever asks; nil when a restart, which waits for the delay anyway,
  /// needs nothing of it.
  package func lastingClock(of hostID: Int64, now: Int64) -> LastingClock? {
    guard let host = hosts[hostID] else { return nil }
    let clock = host.clock
    let block = clock.lastingBlock(now: now)
    guard block != nil || clock.effectiveDelay > clock.delay || host.hasStoredThrottle else { return nil }
    host.hasStoredThrottle = clock.throttleDelay > 0
    return LastingClock(
      nextFetch: clock.pacedTime, crawlDelay: clock.crawlDelay, blockedUntil: block?.until, blockReason: block?.reason,
      throttleDelay: clock.throttleDelay > 0 ? clock.throttleDelay : nil)
  }

  /// The hosts that a place means, by id: `name` (of every scheme and port), `name:port`, or `scheme://name:port`. However
  /// many were ever met.
  package func knownHosts(named place: String) -> [(id: Int64, origin: String)] {
    hostIDs.hosts(named: Self.asStored(place))
  }

  /// Bytes of the text of a place, of which a name in DNS has at most 253: what is longer is none, and not looked at any
  /// closer, since to find the ASCII form of a name takes some microseconds for each of its bytes.
  static let longestPlace = 2_048

  /// The URL that a user has typed; nil for what is none, and for one with a host that is too long for a place.
  package static func typedURL(_ text: String) -> WebURL? {
    if text.utf8.count > longestPlace {
      let authority = text.utf8.drop { $0 != UInt8(ascii: ":") }.dropFirst().drop { "/\\".utf8.contains($0) }
      let length = authority.prefix(longestPlace + 1).prefix { !"/\\?#".utf8.contains($0) }.count
      if length > longestPlace { return nil }
    }
    return WebURL(text)
  }

  /// A place as origins have it: neither letter case nor the root's dot counts, and names have their ASCII form. One that
  /// is too long stays as it is.
  package static func asStored(_ place: String) -> String {
    guard place.utf8.count <= longestPlace else { return place }
    var rest = place[...]
    var scheme = ""
    if let end = place.firstIndex(of: ":"), place[end...].hasPrefix("://") {
      scheme = place[..<end].lowercased() + "://"
      rest = place[end...].dropFirst(3)
    }
    let colon = rest.lastIndex(of: ":").flatMap { rest[$0...].dropFirst().allSatisfy(\.isNumber) ? $0 : nil }
    let (name, port) = (rest[..<(colon ?? rest.endIndex)], colon.map { rest[$0...] } ?? "")
    // What has more than a host is none.
    let isHost = !name.contains { "/\\?#@".contains($0) } && (name.hasPrefix("[") || !name.contains(":"))
    let host = isHost ? WebURL("http://\(name)/")?.hostName : nil
    return scheme + withoutRoot(host ?? name.lowercased()) + port
  }

  /// Whether a place, as in `knownHosts` and as stored, is the host of this origin (always with its port).
  package static func means(_ place: String, origin: String) -> Bool {
    if origin == place { return true }
    let authority = origin.drop { $0 != "/" }.drop { $0 == "/" }
    if authority == place { return true }
    return authority.lastIndex(of: ":").map { authority[..<$0] == place } ?? false
  }

  /// A block that an earlier daemon has stored; loop time. It holds from the host's first fetch on, whatever that is for.
  package func noteBlock(hostID: Int64, until: Int64, reason: BlockReason) {
    if reason == .user { userBlocks[hostID] = until } else { storedBlocks[hostID] = (until, reason) }
  }

  /// Starts nothing on the host before `until`, for any task, as a user said.
  package func block(hostID: Int64, until: Int64) {
    userBlocks[hostID] = until
    guard let host = hosts[hostID] else { return }
    changeClock(of: host) { $0.block(until: until, reason: .user) }
  }

  /// Lifts every block of the host.
  package func unblock(hostID: Int64) {
    userBlocks[hostID] = nil
    storedBlocks[hostID] = nil
    guard let host = hosts[hostID] else { return }
    forgetWays(host)
    changeClock(of: host) { $0.unblock() }
  }

  /// What is left of a host's politeness: for `why` and `hosts`.
  package struct HostStatus: Sendable {
    package var id: Int64
    package var origin: String
    package var inFlight: Int
    package var wait: HostWait
    package var readyTime: Int64?
    package var blockedUntil: Int64?
    package var blockReason: BlockReason?
    package var effectiveDelay: Int64
    package var concurrency: Int
    package var robots: String
    /// Those that are in memory.
    package var queued: Int
    /// There are more, as rows.
    package var hasMore: Bool
    /// A task that has URLs on it runs: otherwise it is not asked, whenever it may be.
    package var isRunning: Bool
    package var taskIDs: [Int64]

    /// A block is what it waits for, and not its pace.
    package var isBlocked: Bool { if case .blocked = wait { true } else { false } }
  }

  /// Every host in memory, or those on which a task has a queue, by id. Linear in their number.
  package func hostStatuses(task taskID: Int64? = nil, now: Int64) -> [HostStatus] {
    hosts.values.filter { host in taskID.map { host.queue(of: $0) != nil } ?? true }
      .sorted { $0.id < $1.id }.map { status($0, now: now) }
  }

  /// The first hosts in memory behind an id, by id, that have work of a task, of any when it is nil, or are among `others`.
  /// To find them takes a look at every host, to tell of one some microseconds.
  package func hostStatuses(
    after id: Int64, limit: Int, task taskID: Int64?, others: Set<Int64>, now: Int64
  ) -> [HostStatus] {
    let wanted = hosts.values.filter { host in
      guard host.id > id else { return false }
      let hasWork = taskID.map { host.queue(of: $0) != nil } ?? (!host.queues.isEmpty || host.inFlight > 0)
      return hasWork || others.contains(host.id)
    }
    return wanted.sorted { $0.id < $1.id }.prefix(limit).map { status($0, now: now) }
  }

  /// When something of it may start: its robots.txt may be tried again later than its clock allows. Nil when no time is known.
  private func readyTime(_ host: Host, now: Int64) -> Int64? {
    if host.isWaitingForAddress { return nil }
    let robots = host.queues.filter { $0.hasWork && $0.task.isRunning }.map { queue in
      switch queue.task.need(on: host, now: now) {
      case .none, .fetch, .read: Int64.min
      case .waitUntil(let time): time
      case .wait: Int64.max
      }
    }
    guard let first = robots.min() else { return host.clock.readyTime() }
    return first == .max ? nil : host.clock.readyTime().map { max($0, first) }
  }

  private func status(_ host: Host, now: Int64) -> HostStatus {
    // One that is over is nobody's matter.
    let isBlocked = host.clock.blockedUntil.map { $0 > now } ?? false
    return HostStatus(
      id: host.id, origin: host.origin, inFlight: host.inFlight, wait: host.clock.wait(now: now),
      readyTime: readyTime(host, now: now),
      blockedUntil: isBlocked ? host.clock.blockedUntil : nil, blockReason: isBlocked ? host.clock.blockReason : nil,
      effectiveDelay: host.clock.effectiveDelay, concurrency: host.clock.concurrency,
      robots: host[robotsOf: host.queues.first?.task.settings.robotsReader ?? 0].word,
      queued: host.queues.reduce(0) { $0 + $1.headCount }, hasMore: host.queues.contains(where: \.hasRows),
      isRunning: host.queues.contains(where: \.task.isRunning), taskIDs: host.queues.map(\.taskID))
  }
}
