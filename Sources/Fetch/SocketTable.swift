import Address
import CCurl
import EventLoop
import Glibc

/// Every socket that libcurl has open, idle ones too, by descriptor. Confined to the loop's thread.
final class SocketTable {
  let loop: EventLoop
  private let budget: SocketBudget
  let room: BodyRoom
  /// The one that libcurl was told to read from, or write to.
  @exclusivity(unchecked) private(set) var current: FetchSocket?
  private(set) var open = 0
  private(set) var made = 0
  /// Transfers that libcurl has.
  var transfers = 0
  /// How many of the last few hundred transfers found a connection that a page before had left, as a share that forgets.
  private var reuse = 1.0
  /// How often libcurl was called, or called back with a part of an answer.
  @exclusivity(unchecked) var signs: UInt64 = 0
  /// The connections of this origin's host were cut in this call of libcurl, because one brought more than
  /// `maximumSilentBytes`.
  var cutOrigin: Origin?
  private var sockets: [FetchSocket?] = []
  /// Those over which a request has gone out, by what libcurl tells of a connection that it uses again.
  private var used: [ConnectionEnds: FetchSocket] = [:]
  /// The connection with TLS that was closed last, and whether the server had closed it before.
  private var lastClosed: (origin: Origin, localPort: Int32, isByServer: Bool)?
  private let origins: OriginTable
  /// Called when one of the fetches that wait for a socket may try: a socket has closed, or idle ones are left that can
  /// be closed, or the fetch whose turn it was does not try. The call may come from inside of libcurl.
  var onRoom: (() -> Void)?

  init(loop: EventLoop, budget: SocketBudget, origins: OriginTable, room: BodyRoom) {
    self.loop = loop
    self.room = room
    self.budget = budget
    self.origins = origins
  }

  /// Shards that are open, each with descriptors of its own.
  var shards = 0

  /// The most sockets that may be open now.
  var maximum: Int { budget.sockets(besideShards: shards) }

  /// Three quarters are taken: connections are to be closed behind their response.
  var isCrowded: Bool { open > maximum - maximum / 4 - 1 }

  var isFull: Bool { open >= maximum }

  /// There are many idle connections, and they are seldom used again. Then to keep more of them costs more than to open
  /// new ones: libcurl looks at each of them every second, and at all of them for each that it closes.
  var keepsTooMany: Bool { open - transfers > SocketTable.idleEnough && reuse < 0.25 }

  /// Idle connections that are never too many.
  private static let idleEnough = 256

  /// A transfer of a page has ended.
  func note(reused: Bool) { reuse += ((reused ? 1 : 0) - reuse) / 256 }

  /// Frames of HTTP/2 that are no part of an answer are libcurl's business, and it reads on as long as they come, without
  /// a word to us: a server that sends them as fast as they are read would hold the loop for ever. What is buffered for
  /// the streams of one connection stays far below this.
  static let maximumSilentBytes = 4 << 20

  fileprivate func act(on socket: FetchSocket, events: Int32) {
    current = socket
    socket.shard.act(on: socket.descriptor, events: events)
    current = nil
  }

  /// Counts a record; a connection that has sent too much for nothing is cut, so that the next read fails.
  fileprivate func received(_ count: Int, on socket: FetchSocket) {
    if socket.signsSeen != signs { (socket.signsSeen, socket.silentBytes) = (signs, 0) }
    socket.silentBytes += count
    guard socket.silentBytes > SocketTable.maximumSilentBytes else { return }
    socket.silentBytes = 0
    cutOrigin = socket.origin
    socket.dissolve()
  }

  /// Sockets ever closed.
  var closed: Int { made - open }

  /// Lets the next that waits try, if the turn of this one is not used up.
  func passTurn(of call: FetchCall) {
    guard call.hasTurn else { return }
    call.hasTurn = false
    onRoom?()
  }

  subscript(descriptor: Int32) -> FetchSocket? {
    descriptor >= 0 && Int(descriptor) < sockets.count ? sockets[Int(descriptor)] : nil
  }

  /// The socket of a connection that has carried a request.
  subscript(ends: ConnectionEnds) -> FetchSocket? { used[ends] }

  /// The first request is about to go out over a socket.
  func noteUse(of descriptor: Int32, _ ends: ConnectionEnds) {
    guard let socket = self[descriptor] else { return }
    socket.opener = nil
    socket.ends = ends
    used[ends] = socket
  }

  func insert(_ socket: FetchSocket) {
    let index = Int(socket.descriptor)
    while index >= sockets.count { sockets.append(nil) }
    // The kernel gave the number out again, so the one before is closed.
    if let stale = sockets[index] { forget(stale) }
    sockets[index] = socket
    open += 1
    made += 1
    socket.shard.sockets += 1
    if socket.origin.sockets == 0 { socket.shard.hostsMet += 1 }
    socket.origin.sockets += 1
  }

  /// Closes a descriptor on libcurl's behalf.
  func close(_ descriptor: Int32) -> Int32 {
    if let socket = self[descriptor] {
      // Its end may be news to one of them.
      if socket.origin.isHTTPS, socket.origin.transfers > 0 {
        lastClosed = (socket.origin, socket.ends?.localPort ?? 0, socket.isClosedByServer)
      }
      forget(socket)
    }
    let result = Glibc.close(descriptor)
    onRoom?()
    return result
  }

  /// Whether the server has closed the connection of an origin with TLS that has this port here, and was closed just now or is
  /// still open. O(sockets).
  func isClosedByServer(_ origin: Origin, localPort: Int32) -> Bool {
    if let lastClosed, lastClosed.origin === origin, lastClosed.localPort == localPort { return lastClosed.isByServer }
    let socket = sockets.first { $0?.origin === origin && $0?.ends?.localPort == localPort }
    return socket??.isClosedByServer ?? true
  }

  /// Looks after the socket that a transfer opened without a request ever going out over it. libcurl has let go of the
  /// transfer, and closes such a socket without a word if it never was connected (7.88.0 to 8.2.0).
  func settle(_ transfer: Transfer) {
    guard transfer.opened >= 0, let socket = self[transfer.opened], socket.opener === transfer else { return }
    transfer.opened = -1
    socket.opener = nil
    if !socket.isOpen {
      forget(socket)
      onRoom?()
    }
  }

  private func forget(_ socket: FetchSocket) {
    sockets[Int(socket.descriptor)] = nil
    if let ends = socket.ends, used[ends] === socket { used[ends] = nil }
    socket.unwatch()
    room.leave(socket)
    open -= 1
    socket.shard.sockets -= 1
    socket.origin.sockets -= 1
    origins.forgetIfUnused(socket.origin)
  }

  /// CURLOPT_CLOSESOCKETFUNCTION. Its context must outlive every connection, so it is the table and not a transfer.
  static let closeFunction: ccurl_close_function = { context, descriptor in
    Unmanaged<SocketTable>.fromOpaque(context!).takeUnretainedValue().close(descriptor)
  }
}

/// The server's, or the proxy's, address and port, and the port here: no two open connections have the same.
struct ConnectionEnds: Hashable {
  var remote: Address
  var port: Int32
  var localPort: Int32
}

/// One connection's socket and its registration with the loop.
///
/// The registration stays when libcurl loses interest between two requests: a kept-alive fetch then costs no
/// `epoll_ctl`. It goes when the idle socket has something to say: its end, or what `Transfer.mayRequest` looks out for.
/// `Shard.noteWord` does what is to be done then.
final class FetchSocket {
  let descriptor: Int32
  unowned let shard: Shard
  let origin: Origin
  /// The transfer that opened it, until the first request goes out.
  var opener: Transfer?
  /// Known once a request was sent over it.
  fileprivate(set) var ends: ConnectionEnds?
  /// Bytes of TLS records that it brought since the table's last sign of life.
  fileprivate var silentBytes = 0
  fileprivate var signsSeen: UInt64 = 0
  /// Bodies that are coming over it: several with HTTP/2.
  @exclusivity(unchecked) private(set) var bodies = 0
  /// It may go on although there are as many bytes of bodies as may be.
  var isFavoured = false
  /// Its number in the queue in which it waits, or has waited.
  var queueNumber = 0
  /// It is not read until there is room.
  private(set) var isWaiting = false
  /// What libcurl waited for last.
  private var wanted: Interest = .readable
  private let identity: Identity
  private var watch: Watch?
  private var isIdle = true

  init(descriptor: Int32, shard: Shard, origin: Origin, opener: Transfer) {
    self.descriptor = descriptor
    self.shard = shard
    self.origin = origin
    self.opener = opener
    identity = Identity(of: descriptor)
  }

  /// The server sends nothing more, whatever is left to read.
  var isClosedByServer: Bool { has(peerHasClosed) }

  /// There is something to read, be it the end.
  var hasUnread: Bool { has(Int16(POLLIN)) }

  /// Throws away what has come over an idle connection that the server has closed, or says that it does: libcurl 7.88 takes
  /// the alert by which TLS ends for a sign of life. Nothing more is read then.
  func passOverLastWords() {
    guard isIdle, isClosedByServer || hasFarewell else { return }
    let flags = Int32(MSG_TRUNC | MSG_DONTWAIT)
    while recv(descriptor, nil, 1 << 20, flags) > 0 {}
    shutdown(descriptor, Int32(SHUT_RD))
  }

  /// Whether what is to be read begins with an alert of TLS: a record of that type, or, in TLS 1.3, which hides the types, one
  /// that has room for nothing else (RFC 8446, sections 5.1, 5.2 and 6.1). A server may wait for ours before it closes.
  private var hasFarewell: Bool {
    var header: (UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0)
    guard recv(descriptor, &header, 5, Int32(MSG_PEEK | MSG_DONTWAIT)) == 5, header.1 == 3 else { return false }
    return header.0 == 21 || header.0 == 23 && header.3 == 0 && header.4 == 19
  }

  /// Dissolves the connection, so that libcurl can neither read nor write. What was received and not read is dropped, too
  /// (connect(2)). false when the kernel refuses.
  @discardableResult
  func dissolve() -> Bool {
    var nobody = sockaddr()
    nobody.sa_family = sa_family_t(AF_UNSPEC)
    return connect(descriptor, &nobody, socklen_t(MemoryLayout<sockaddr>.size)) == 0
  }

  private func has(_ event: Int16) -> Bool {
    var watched = pollfd(fd: descriptor, events: event, revents: 0)
    return poll(&watched, 1, 0) > 0
  }

  /// false when the descriptor is closed, or is something else by now.
  var isOpen: Bool { Identity(of: descriptor) == identity }

  /// What the kernel knows a descriptor's file by; zeros when it is closed.
  private struct Identity: Equatable {
    private var device: dev_t = 0
    private var inode: ino_t = 0

    init(of descriptor: Int32) {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { return }
      device = status.st_dev
      inode = status.st_ino
    }
  }

  /// What libcurl waits for: CURL_POLL_*. false when the kernel refuses to watch.
  func want(_ what: Int32) -> Bool {
    var interest: Interest
    switch what {
    case CURL_POLL_IN: interest = .readable
    case CURL_POLL_OUT: interest = .writable
    case CURL_POLL_INOUT: interest = [.readable, .writable]
    default:
      isIdle = true
      wanted = .readable
      // A writable socket would wake the loop in every tick.
      if let watch, watch.interest.contains(.writable) { try? watch.modify(.readable) }
      return true
    }
    isIdle = false
    wanted = interest
    if isWaiting { return true }
    if interest == .readable { opener?.isReadingBeforeRequest() }
    do {
      if let watch {
        try watch.modify(interest)
      } else {
        watch = try shard.loop.watch(descriptor, for: interest) { [unowned self] in ready($0) }
      }
      return true
    } catch {
      return false
    }
  }

  func unwatch() {
    watch?.cancel()
    watch = nil
    opener = nil
  }

  func beginBody() { bodies += 1 }

  func endBody() {
    bodies -= 1
    if bodies == 0 { shard.table.room.leave(self) }
  }

  /// There is room: what has come meanwhile is read.
  func resume() {
    isWaiting = false
    origin.waitingSockets -= 1
    // One that the kernel refuses to watch is silent, and its fetch ends by its limits.
    try? watch?.modify(wanted)
  }

  /// `ccurl_watch_records` with the socket as its context.
  static let recordFunction: ccurl_record_function = { context, length in
    let socket = Unmanaged<FetchSocket>.fromOpaque(context!).takeUnretainedValue()
    socket.shard.table.received(Int(length), on: socket)
  }

  private func ready(_ readiness: Readiness) {
    guard !isIdle else {
      unwatch()
      return shard.noteWord(on: self)
    }
    if bodies > 0, readiness.contains(.readable), !shard.table.room.mayRead(self) {
      isWaiting = true
      origin.waitingSockets += 1
      try? watch?.modify([])
      return
    }
    var events: Int32 = 0
    if readiness.contains(.readable) { events |= CURL_CSELECT_IN }
    if readiness.contains(.writable) { events |= CURL_CSELECT_OUT }
    if !readiness.isDisjoint(with: [.error, .hangUp]) { events |= CURL_CSELECT_ERR }
    shard.table.act(on: self, events: events)
  }
}

/// POLLRDHUP, which Swift does not import.
private let peerHasClosed: Int16 = 0x2000

/// Why no socket could be opened.
enum SocketShortage {
  /// As many are open as may be.
  case limit
  /// The process, or the system, had no descriptor left after so many of our sockets had closed.
  case system(closed: Int)
}
