import Address
import CAres
import EventLoop
import Glibc

/// A c-ares channel whose sockets and time-outs are the loop's.
///
/// c-ares calls back while it is being called. What comes is only noted then; `answered` of a look-up is called after
/// c-ares has returned, so that it may send new queries. Confined to the loop's thread.
final class AresChannel {
  private let loop: EventLoop
  private var channel: ares_channel?
  private var watches: [Int32: Watch] = [:]
  private var timer: DelayedCall?
  /// Queries that c-ares has not answered.
  private(set) var pending = 0
  private var noted: [NameLookup] = []
  /// It has answers neither to wait for nor to give.
  var isIdle: Bool { pending == 0 && noted.isEmpty }
  private var isInside = false
  private let asksIPv6: Bool
  private let retransmission: Duration
  private let longestNegative: Duration

  private static let isLibraryReady = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS
  /// Without it 6–15 % of 2,000 answers at once were lost.
  private static let receiveBufferBytes: Int32 = 4 << 20

  init(loop: EventLoop, configuration: ResolverConfiguration) throws(ResolverError) {
    self.loop = loop
    retransmission = max(configuration.retransmission, .milliseconds(1))
    longestNegative = configuration.negativeTimeToLive
    switch configuration.families {
    case .automatic: asksIPv6 = LocalRoute.toIPv6Internet
    case .ipv4: asksIPv6 = false
    case .both: asksIPv6 = true
    }
    guard AresChannel.isLibraryReady else {
      throw .library(call: "ares_library_init", message: "it could not be initialised")
    }
    var options = ares_options()
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS
    options.timeout = Int32(retransmission / .milliseconds(1))
    options.tries = AresChannel.tries(of: configuration.deadline, first: retransmission, servers: 1)
    options.ednspsz = 1_232
    options.socket_receive_buffer_size = AresChannel.receiveBufferBytes
    options.sock_state_cb_data = Unmanaged.passUnretained(self).toOpaque()
    options.sock_state_cb = { context, descriptor, readable, writable in
      Unmanaged<AresChannel>.fromOpaque(context!).takeUnretainedValue()
        .watch(descriptor, readable: readable != 0, writable: writable != 0)
    }
    options.udp_port = configuration.port
    options.tcp_port = configuration.port
    let file = strdup(configuration.systemFile)
    defer { free(file) }
    options.resolvconf_path = file
    let mask =
      ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_RCVBUF
      | ARES_OPT_SOCK_STATE_CB | ARES_OPT_UDP_PORT | ARES_OPT_TCP_PORT | ARES_OPT_RESOLVCONF
    try open(&options, mask, configuration.servers)
    let servers = serverCount
    if servers > 1 {
      // How many the system names is known only now.
      ares_destroy(channel)
      channel = nil
      options.tries = AresChannel.tries(of: configuration.deadline, first: retransmission, servers: servers)
      try open(&options, mask, configuration.servers)
    }
  }

  private func open(_ options: inout ares_options, _ mask: Int32, _ servers: String?) throws(ResolverError) {
    try AresChannel.check(ares_init_options(&channel, &options, mask), "ares_init_options")
    if let servers {
      guard ares_set_servers_ports_csv(channel, servers) == ARES_SUCCESS else { throw .unusableServers(servers) }
    }
  }

  private var serverCount: Int {
    var first: UnsafeMutablePointer<ares_addr_node>?
    guard ares_get_servers(channel, &first) == ARES_SUCCESS else { return 1 }
    defer { ares_free_data(first) }
    var count = 0
    var next = first
    while let server = next {
      count += 1
      next = server.pointee.next
    }
    return max(1, count)
  }

  deinit {
    close()
  }

  /// Ends all queries; their look-ups are answered with a failure.
  func close() {
    guard let channel else { return }
    self.channel = nil
    isInside = true
    ares_destroy(channel)
    isInside = false
    timer?.cancel()
    timer = nil
    for watch in watches.values { watch.cancel() }
    watches = [:]
    deliver()
  }

  /// Sends the queries of a look-up.
  func query(_ lookup: NameLookup) {
    guard let channel else {
      lookup.ipv4 = .failure(kind: .failed, message: "the resolver is closed")
      noted.append(lookup)
      return deliver()
    }
    lookup.ipv4 = .asked
    if asksIPv6 { lookup.ipv6 = .asked }
    let wasInside = isInside
    isInside = true
    pending += 1
    ares_query(
      channel, lookup.name, Int32(CARES_CLASS_IN), Int32(CARES_TYPE_A),
      { context, status, _, bytes, count in
        let lookup = AresChannel.finished(context)
        lookup.0.ipv4 = lookup.1.answer(status, bytes, count, lookup.0.name, AresChannel.parseIPv4)
        lookup.1.note(lookup.0)
      }, context(lookup))
    if asksIPv6 {
      pending += 1
      ares_query(
        channel, lookup.name, Int32(CARES_CLASS_IN), Int32(CARES_TYPE_AAAA),
        { context, status, _, bytes, count in
          let lookup = AresChannel.finished(context)
          lookup.0.ipv6 = lookup.1.answer(status, bytes, count, lookup.0.name, AresChannel.parseIPv6)
          lookup.1.note(lookup.0)
        }, context(lookup))
    }
    isInside = wasInside
    wakeUp(in: retransmission)
    // A query may fail at once; its look-up's caller is not ready for that before this call returns.
    if !isInside, !noted.isEmpty { loop.callSoon { [weak self] in self?.deliver() } }
  }

  // MARK: Sockets and time

  private func watch(_ descriptor: Int32, readable: Bool, writable: Bool) {
    var interest: Interest = []
    if readable { interest.insert(.readable) }
    if writable { interest.insert(.writable) }
    if interest.isEmpty {
      watches.removeValue(forKey: descriptor)?.cancel()
    } else if let watch = watches[descriptor] {
      // A socket that can't be watched is found by the query's time-out.
      try? watch.modify(interest)
    } else {
      watches[descriptor] = try? loop.watch(descriptor, for: interest) { [unowned self] readiness in
        let broken = !readiness.isDisjoint(with: [.error, .hangUp])
        process(
          reading: broken || readiness.contains(.readable) ? descriptor : ARES_SOCKET_BAD,
          writing: readiness.contains(.writable) ? descriptor : ARES_SOCKET_BAD)
      }
    }
  }

  private func process(reading: Int32, writing: Int32) {
    guard let channel else { return }
    isInside = true
    ares_process_fd(channel, reading, writing)
    isInside = false
    deliver()
    wakeUp(in: retransmission)
  }

  /// Wakes up for the time-outs of c-ares: after `delay` at the latest. What was sent just now has none before
  /// `retransmission`; how soon the next one really is, which c-ares finds in O(queries), is asked when the timer fires.
  private func wakeUp(in delay: Duration) {
    guard pending > 0 else { return }
    if let timer {
      if timer.deadline <= loop.now + delay { return }
      timer.cancel()
    }
    timer = loop.callLater(delay) { [unowned self] in
      // The last query may end in it, and with it the last who holds this object.
      withExtendedLifetime(self) { $0.timeOut() }
    }
  }

  private func timeOut() {
    timer = nil
    process(reading: ARES_SOCKET_BAD, writing: ARES_SOCKET_BAD)
    var next = timeval()
    guard let channel, ares_timeout(channel, nil, &next) != nil else { return }
    wakeUp(in: .seconds(Int64(next.tv_sec)) + .microseconds(Int64(next.tv_usec)) + .milliseconds(1))
  }

  private func note(_ lookup: NameLookup) {
    pending -= 1
    noted.append(lookup)
  }

  private func deliver() {
    while !noted.isEmpty {
      let batch = noted
      noted = []
      for lookup in batch { lookup.answered?() }
    }
  }

  // MARK: Answers

  /// What a query carries through C.
  private final class Context {
    let lookup: NameLookup
    let channel: AresChannel

    init(lookup: NameLookup, channel: AresChannel) {
      self.lookup = lookup
      self.channel = channel
    }
  }

  private func context(_ lookup: NameLookup) -> UnsafeMutableRawPointer {
    Unmanaged.passRetained(Context(lookup: lookup, channel: self)).toOpaque()
  }

  private static func finished(_ context: UnsafeMutableRawPointer?) -> (NameLookup, AresChannel) {
    let context = Unmanaged<Context>.fromOpaque(context!).takeRetainedValue()
    return (context.lookup, context.channel)
  }

  private typealias Parsed = (status: Int32, addresses: [Address], seconds: Int)
  private typealias Parser = (UnsafePointer<UInt8>, Int32) -> Parsed

  private func answer(
    _ status: Int32, _ bytes: UnsafePointer<UInt8>?, _ count: Int32, _ name: String, _ parse: Parser
  ) -> NameLookup.Answer {
    var status = status
    if status == ARES_SUCCESS, let bytes {
      let parsed = parse(bytes, count)
      if !parsed.addresses.isEmpty {
        let timeToLive = min(.seconds(max(0, parsed.seconds)), ResolverConfiguration.maximumTimeToLive)
        return .addresses(parsed.addresses, timeToLive: timeToLive, came: loop.now)
      }
      status = parsed.status == ARES_SUCCESS ? ARES_ENODATA : parsed.status
    }
    switch status {
    case ARES_ENOTFOUND, ARES_EBADNAME:
      return .nothing(
        message: "the name \(name) does not exist", nameExists: false, timeToLive: negativeTimeToLive(bytes, count))
    case ARES_ENODATA:
      return .nothing(
        message: "the name \(name) has no address", nameExists: true, timeToLive: negativeTimeToLive(bytes, count))
    case ARES_ETIMEOUT:
      let message = "the name servers did not answer for \(name) in time"
      return .failure(kind: .timeout, message: message)
    default:
      let message = "the name servers could not answer for \(name): \(String(cString: ares_strerror(status)))"
      return .failure(kind: .failed, message: message)
    }
  }

  private func negativeTimeToLive(_ bytes: UnsafePointer<UInt8>?, _ count: Int32) -> Duration {
    let said = NegativeAnswer.timeToLive(in: UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : Int(count)))
    return min(said ?? ResolverConfiguration.unsaidTimeToLive, longestNegative)
  }

  private static let maximumAddresses = 16

  private static func parseIPv4(_ bytes: UnsafePointer<UInt8>, _ count: Int32) -> Parsed {
    withUnsafeTemporaryAllocation(of: ares_addrttl.self, capacity: maximumAddresses) { records in
      var found = Int32(maximumAddresses)
      let status = ares_parse_a_reply(bytes, count, nil, records.baseAddress, &found)
      guard status == ARES_SUCCESS else { return (status, [], 0) }
      let records = records[0..<Int(found)]
      return (
        status, records.map { .v4(UInt32(bigEndian: $0.ipaddr.s_addr)) }, records.map { Int($0.ttl) }.min() ?? 0
      )
    }
  }

  private static func parseIPv6(_ bytes: UnsafePointer<UInt8>, _ count: Int32) -> Parsed {
    withUnsafeTemporaryAllocation(of: ares_addr6ttl.self, capacity: maximumAddresses) { records in
      var found = Int32(maximumAddresses)
      let status = ares_parse_aaaa_reply(bytes, count, nil, records.baseAddress, &found)
      guard status == ARES_SUCCESS else { return (status, [], 0) }
      let records = records[0..<Int(found)]
      let addresses = records.map { record in
        withUnsafeBytes(of: record.ip6addr) { bytes in
          Address.v6(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
      }
      return (status, addresses, records.map { Int($0.ttl) }.min() ?? 0)
    }
  }

  // MARK: Set-up

  /// How often each name server is asked, so that one or another is asked until the deadline: all of them are given `first`,
  /// then twice that, and so on.
  private static func tries(of deadline: Duration, first: Duration, servers: Int) -> Int32 {
    var tries: Int32 = 1
    var next = first * servers
    var all = next
    while all < deadline {
      next += next
      all += next
      tries += 1
    }
    return tries
  }

  private static func check(_ status: Int32, _ call: String) throws(ResolverError) {
    guard status == ARES_SUCCESS else {
      throw .library(call: call, message: String(cString: ares_strerror(status)))
    }
  }
}
