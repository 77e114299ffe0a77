import CCurl
import EventLoop

/// One libcurl multi handle on the loop: sockets and time-outs come from the loop, finished transfers go out.
///
/// libcurl calls back while it is being called, and must not be called then. So its time-out of 0 means "a little later", and
/// transfers end after it has returned. One call reads at most a hundred buffers of each transfer that is due, and what is
/// left is for the next tick of the loop, so that no server holds it. Confined to the loop's thread.
final class Shard {
  let loop: EventLoop
  let multi: UnsafeMutableRawPointer
  let table: SocketTable
  /// How long an idle connection is kept.
  let idleSeconds: Int
  private var transfers: [Transfer] = []
  /// Sockets open, idle ones too.
  var sockets = 0
  /// Hosts that a connection was opened to; libcurl keeps a little of each.
  var hostsMet = 0
  /// When the last of its transfers has ended, so far.
  var lastEnd: Instant
  /// When it is looked for idle connections to close.
  var sweepTimer: DelayedCall?
  /// Looks for them.
  var sweep: Sweep?
  /// Sockets of idle connections over which something has come.
  var talkative: [FetchSocket] = []
  private var timer: DelayedCall?
  /// When libcurl wants to be called. The timer may be set to fire earlier, and is set anew then.
  private var deadline: Instant?
  private var isTickDue = false
  private var isInside = false
  /// It takes no further transfers.
  private(set) var isRetired = false
  private(set) var isClosed = false

  init(loop: EventLoop, table: SocketTable, idleSeconds: Int) throws(FetchError) {
    guard let multi = curl_multi_init() else { throw .outOfMemory(call: "curl_multi_init") }
    self.multi = multi
    self.loop = loop
    self.table = table
    self.idleSeconds = idleSeconds
    lastEnd = loop.now
    let context = Unmanaged.passUnretained(self).toOpaque()
    do throws(FetchError) {
      try check(ccurl_multi_set_socket_function(multi, Shard.socketFunction, context), "CURLMOPT_SOCKETFUNCTION")
      try check(ccurl_multi_set_timer_function(multi, Shard.timerFunction, context), "CURLMOPT_TIMERFUNCTION")
      try setMaximumIdle(table.maximum)
    } catch {
      curl_multi_cleanup(multi)
      throw error
    }
    table.shards += 1
  }

  var transferCount: Int { transfers.count }

  /// Whether the connection of a transfer that is about to start is worth keeping: that of a robots.txt is, since a page
  /// follows; so is one that pages of the origin have already used again.
  func isWorthKeeping(for call: FetchCall) -> Bool {
    let isUsedAgain = call.origin.pages > 0 && call.origin.sockets > call.origin.transfers
    return !table.keepsTooMany || call.request.isRobots || isUsedAgain
  }

  // MARK: Transfers

  /// Starts a prepared transfer: its first bytes go out in the next tick.
  func start(_ transfer: Transfer) {
    guard !isInside else { fatalError("a transfer is started inside of libcurl") }
    guard !isClosed else { fatalError("a transfer is started in a shard that is closed") }
    transfer.position = transfers.count
    transfers.append(transfer)
    table.transfers += 1
    transfer.origin.transfers += 1
    let code = curl_multi_add_handle(multi, transfer.handle.easy)
    if code != CURLM_OK {
      transfer.end(.localResource, "libcurl could not start: \(String(cString: curl_multi_strerror(code)))")
      letGo(of: transfer)
    }
  }

  /// Takes a transfer out of libcurl before its end; its connection is closed unless it is HTTP/2.
  func abort(_ transfer: Transfer, _ outcome: FetchOutcome, _ error: String) {
    guard !isInside else { fatalError("a transfer is aborted inside of libcurl") }
    transfer.end(outcome, error)
    curl_multi_remove_handle(multi, transfer.handle.easy)
    letGo(of: transfer)
  }

  /// libcurl does not have it any more.
  private func letGo(of transfer: Transfer) {
    table.settle(transfer)
    remove(transfer)
    transfer.release()
  }

  private func remove(_ transfer: Transfer) {
    table.transfers -= 1
    transfer.origin.transfers -= 1
    let last = transfers.removeLast()
    if last !== transfer {
      transfers[transfer.position] = last
      last.position = transfer.position
    }
    noteEnd()
    guard transfers.isEmpty else { return }
    // Idle ones that libcurl has no reason to close soon.
    if sockets > 0 { table.onRoom?() }
    if isRetired { loop.callSoon { [self] in close() } }
  }

  private func drain() {
    var code = CURLE_OK
    while let easy = ccurl_multi_next_done(multi, &code) {
      if easy == sweep?.easy {
        endSweep()
        continue
      }
      let transfer = EasyHandle.of(easy).transfer!
      if table.cutOrigin === transfer.origin, code != CURLE_OK, transfer.verdict == nil {
        transfer.end(
          .protocolError,
          "the server sent \(SocketTable.maximumSilentBytes) bytes at once that are no part of an answer")
      } else {
        transfer.end(code)
      }
      noteReuse(transfer)
      curl_multi_remove_handle(multi, easy)
      letGo(of: transfer)
    }
  }

  private func noteReuse(_ transfer: Transfer) {
    guard !transfer.request.isRobots, !transfer.isUnsent else { return }
    table.note(reused: transfer.origin.pages > 0 && transfer.response.reused)
    transfer.origin.pages += 1
  }

  // MARK: Events

  func act(on descriptor: Int32, events: Int32) {
    guard !isClosed else { return }
    var running: Int32 = 0
    table.signs &+= 1
    table.cutOrigin = nil
    isInside = true
    let code = curl_multi_socket_action(multi, descriptor, events, &running)
    isInside = false
    drain()
    if code != CURLM_OK { fail(code) }
  }

  private func timeOut() {
    act(on: noDescriptor, events: 0)
  }

  private func setTimeOut(milliseconds: Int) {
    guard !isClosed else { return }
    switch milliseconds {
    case ..<0:
      deadline = nil
    case 0:
      deadline = nil
      guard !isTickDue else { return }
      isTickDue = true
      let call = { [self] in
        isTickDue = false
        timeOut()
      }
      // From within it asks for more of a server that sends as fast as it is read: the kernel is asked before who else has
      // something to do. For a transfer that starts the same tick will do.
      if isInside { loop.callLater(.zero, call) } else { loop.callSoon(call) }
    default:
      // The loop's time is that of the tick's start: a millisecond more, rather than to be called too early.
      let deadline = loop.now + .milliseconds(milliseconds + 1)
      self.deadline = deadline
      if let timer, timer.isPending, timer.deadline <= deadline { return }
      setTimer(deadline)
    }
  }

  private func setTimer(_ deadline: Instant) {
    timer?.cancel()
    timer = loop.callAt(deadline) { [unowned self] in
      timer = nil
      guard let wanted = self.deadline else { return }
      if wanted <= loop.now {
        self.deadline = nil
        timeOut()
      } else {
        setTimer(wanted)
      }
    }
  }

  /// After such an error the handle is unusable: every transfer ends, and the owner finds the shard retired.
  private func fail(_ code: CURLMcode) {
    let sentence = "libcurl failed: \(String(cString: curl_multi_strerror(code)))"
    while let transfer = transfers.last { abort(transfer, .localResource, sentence) }
    retire()
  }

  // MARK: Life

  /// How many connections may be kept when a transfer returns its own. Without effect on a closed shard.
  func setMaximumIdle(_ count: Int) throws(FetchError) {
    guard !isClosed else { return }
    try check(ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(1, count)), "CURLMOPT_MAXCONNECTS")
  }

  /// Takes no further transfers and closes when those that it has are done.
  func retire() {
    isRetired = true
    if transfers.isEmpty { return close() }
    // Nobody will use its connections again. If libcurl refuses, they are there until the shard closes.
    try? setMaximumIdle(1)
  }

  /// Aborts what runs and closes all connections.
  func close() {
    guard !isClosed else { return }
    while let transfer = transfers.last { abort(transfer, .aborted, "the fetcher was closed") }
    isClosed = true
    timer?.cancel()
    timer = nil
    sweepTimer?.cancel()
    sweepTimer = nil
    endSweep()
    talkative = []
    curl_multi_cleanup(multi)
    table.shards -= 1
  }

  private func check(_ code: CURLMcode, _ call: String) throws(FetchError) {
    guard code == CURLM_OK else {
      throw .library(call: call, code: Int(code.rawValue), message: String(cString: curl_multi_strerror(code)))
    }
  }

  // MARK: Callbacks

  private static let socketFunction: curl_socket_callback = { _, descriptor, what, context, _ in
    let shard = Unmanaged<Shard>.fromOpaque(context!).takeUnretainedValue()
    guard let socket = shard.table[descriptor] else { return 0 }
    return socket.want(what) ? 0 : -1
  }

  private static let timerFunction: curl_multi_timer_callback = { _, milliseconds, context in
    Unmanaged<Shard>.fromOpaque(context!).takeUnretainedValue().setTimeOut(milliseconds: milliseconds)
    return 0
  }
}

/// CURL_SOCKET_TIMEOUT, a macro that Swift does not import.
private let noDescriptor: Int32 = -1
