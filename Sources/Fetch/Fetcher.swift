/// The room Fetch: the only door to libcurl. A request goes in, a response or a typed failure comes out.
///
/// - A fetch never throws: its outcome is a value of a closed vocabulary.
/// - libcurl never looks up a name and never chooses an address: names come from the room Names, every address is vetted
///   by the guard before a socket for it exists, and again before the request is written.
/// - A closed gate means that no request is written any more, on new connections or kept ones.
/// - Every limit is counted in the callbacks. Sockets are counted where they open and close, idle ones too.
/// - It follows no redirect, stores no cookie, retries nothing and knows no politeness: that is the crawl's business.
///
/// Everything runs on the loop's thread. Several multi handles ("shards", by host) share the work, because the cost of
/// one grows with the number of its hosts.
package import Address
import CCurl
package import EventLoop
import Glibc
package import Names
import WebURL

/// Fetches URLs over HTTP/1.1 and HTTP/2. Close it before the last reference to it goes.
package actor Fetcher: LoopActor {
  package nonisolated let loop: EventLoop
  /// The most sockets that may be open, beside the shards of ordinary requests.
  package nonisolated let maximumSockets: Int
  let resolver: Resolver
  let addressGuard: AddressGuard
  let configuration: FetchConfiguration
  let origins: OriginTable
  let sockets: SocketTable
  let deadAddresses = DeadAddresses()
  let context: FetchContext
  /// By the slot of an origin; made when first used.
  var shards: [Shard?]
  private let ordinaryLane: Lane
  private var lanes: [FetchRoute: Lane] = [:]
  /// Shards that were replaced and may still have transfers.
  var retired: [Shard] = []
  var areShardsSqueezed = false
  let socketWaiters: ParkingQueue
  var waitingForSocket = 0
  private(set) var isClosed = false
  private(set) var inFlight = 0
  /// Fetches in flight above which memory counts for more than system calls.
  static let many = 1_000
  private let maximumInFlight: Int
  private let places = ParkingQueue()
  private var waiting = 0

  private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

  /// Raises the process's soft limit of descriptors.
  ///
  /// - Throws: `FetchError` when libcurl lacks what is needed.
  package init(
    loop: EventLoop, resolver: Resolver, guard addressGuard: AddressGuard,
    configuration: FetchConfiguration = FetchConfiguration()
  ) throws(FetchError) {
    guard Fetcher.isLibraryReady else { throw .outOfMemory(call: "curl_global_init") }
    self.loop = loop
    self.resolver = resolver
    self.addressGuard = addressGuard
    self.configuration = configuration
    let limit = DescriptorBudget.sockets(limit: DescriptorBudget.raiseLimit())
    let slots = max(1, min(configuration.shards, max(Lane.fewSlots, (configuration.maximumSockets ?? limit) / 128), 64))
    // The descriptors of the first few are not counted among the sockets' anyway.
    let maximum = configuration.maximumSockets ?? limit - SocketBudget.perShard * max(0, slots - Lane.fewSlots)
    let isBound = configuration.maximumSockets == nil
    let budget = SocketBudget(sockets: maximum, shards: isBound ? max(slots, Lane.fewSlots) : nil)
    let origins = OriginTable(guard: addressGuard)
    let room = BodyRoom(loop: loop, limit: configuration.maximumBodyBytes)
    let sockets = SocketTable(loop: loop, budget: budget, origins: origins, room: room)
    let pool = try EasyHandlePool(table: sockets, configuration: configuration)
    let waiters = ParkingQueue()
    sockets.onRoom = { _ = waiters.wakeFirst() }
    ordinaryLane = Lane(.ordinary, number: 0, slots: 0..<slots)
    lanes = [.ordinary: ordinaryLane]
    // The first tells whether libcurl can do what is needed.
    let first = try Shard(loop: loop, table: sockets, idleSeconds: configuration.idleSeconds)
    shards = [first] + Array(repeating: nil, count: slots - 1)
    maximumSockets = maximum
    maximumInFlight = max(1, configuration.maximumInFlight ?? maximum)
    context = FetchContext(loop: loop, addressGuard: addressGuard, sockets: sockets, pool: pool)
    socketWaiters = waiters
    self.sockets = sockets
    self.origins = origins
  }

  /// Bytes of bodies that its caller has taken and still has: they count for `FetchConfiguration.maximumBodyBytes`.
  package var bodyBytesElsewhere: Int {
    get { sockets.room.elsewhere }
    set { sockets.room.elsewhere = newValue }
  }

  package var statistics: FetchStatistics {
    var statistics = FetchStatistics()
    statistics.inFlight = inFlight
    statistics.waiting = waiting
    statistics.waitingForSocket = waitingForSocket
    statistics.openSockets = sockets.open
    statistics.maximumSockets = sockets.maximum
    statistics.connectionsMade = sockets.made
    statistics.requestsSent = context.counters.requestsSent
    statistics.wireBytes = context.counters.wireBytes
    statistics.bufferedBytes = sockets.room.buffered
    return statistics
  }

  /// Fetches one URL, once. Cancelling the calling task aborts it.
  package func fetch(_ request: FetchRequest) async -> FetchResponse {
    let call = begin(request)
    if let refusal = call.origin.refusal {
      call.end(refusal.outcome, refusal.error)
    } else {
      var hasPlace = takeFreePlace()
      if !hasPlace { hasPlace = await waitForPlace() }
      let queued = call.stopwatch.elapsed
      if hasPlace {
        // Waiting for a place does not count.
        call.deadline = loop.now + call.request.limits.total
        call.queueTime = queued
        await visit(call)
        leavePlace()
      } else {
        call.end(.aborted, "it was stopped before it began")
      }
      call.response.timings.queue = queued
    }
    call.response.requestSentAt = call.sentAt
    call.origin.fetches -= 1
    origins.forgetIfUnused(call.origin)
    return call.response
  }

  @inline(never)
  private func begin(_ request: FetchRequest) -> FetchCall {
    let lane = request.route.map(lane(of:)) ?? ordinaryLane
    let origin = origins[request.url, lane]
    origin.fetches += 1
    return FetchCall(
      request: request, origin: origin, startedAt: microsecondsSince1970(), deadline: loop.now + request.limits.total)
  }

  private func lane(of route: FetchRoute) -> Lane {
    if let lane = lanes[route] { return lane }
    // Fewer where sockets are few: its shards are there as long as this fetcher.
    let slots = max(1, min(ordinaryLane.slots.count, Lane.fewSlots, maximumSockets / 128))
    let lane = Lane(route, number: lanes.count, slots: shards.count..<shards.count + slots)
    lanes[route] = lane
    shards += Array(repeating: nil, count: slots)
    return lane
  }

  /// Aborts all fetches and closes all connections. Later fetches end as `aborted`.
  package func close() {
    guard !isClosed else { return }
    isClosed = true
    places.wakeAll(.cancelled)
    sockets.onRoom = nil
    sockets.room.close()
    socketWaiters.wakeAll(.cancelled)
    for shard in shards { shard?.close() }
    for shard in retired { shard.close() }
    retired = []
    context.pool.drain()
    for lane in lanes.values { lane.tlsSessions.close() }
  }

  // MARK: A place among the fetches in flight

  /// false when there is none, or the fetch must not begin.
  private func takeFreePlace() -> Bool {
    guard inFlight < maximumInFlight, !isClosed, !Task.isCancelled else { return false }
    inFlight += 1
    return true
  }

  /// false when it was cancelled or the fetcher was closed meanwhile.
  private func waitForPlace() async -> Bool {
    guard !isClosed, !Task.isCancelled else { return false }
    let parking = Parking()
    places.append(parking)
    waiting += 1
    await wait(in: parking) { parking.wake(.cancelled) }
    waiting -= 1
    guard case .happened = parking.wake else { return false }
    if isClosed || Task.isCancelled {
      // The place goes to the next one.
      leavePlace()
      return false
    }
    return true
  }

  /// Hands the place to the first that waits.
  private func leavePlace() {
    if isClosed || !places.wakeFirst() { inFlight -= 1 }
  }

  /// Parks the calling coroutine. `onCancel` is called on the loop, in a tick of its own.
  func wait(in parking: Parking, onCancel: @escaping @Sendable () -> Void) async {
    let loop = self.loop
    await withTaskCancellationHandler {
      await withUnsafeContinuation { parking.park($0) }
    } onCancel: {
      loop.callSoonThreadSafe(onCancel)
    }
  }
}

/// The calendar's time.
private func microsecondsSince1970() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
}
