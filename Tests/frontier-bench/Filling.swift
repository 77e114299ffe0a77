import BenchmarkCounts
import CAllocationCount
import CInstructionCount
import Frontier
import Politeness
import WebURL

/// A frontier that gets to know URLs without anybody who fetches: number n is page n of host (n - 1) mod `hosts`. They are
/// offered in this order, so that the number of a URL is the id of its row, and what the frontier wants read is made here.
struct Filling {
  /// What an operation costs on average: CPU in nanoseconds, and allocations.
  struct Cost {
    var operations = 0
    var processor = 0
    var allocations = 0

    var nanoseconds: Double { Double(processor) / Double(max(1, operations)) }
    var allocationsEach: Double { Double(allocations) / Double(max(1, operations)) }
  }

  /// New URLs that one page names, and visits that commit together.
  static let newURLs = 9
  static let group = 64

  let hosts: Int
  /// Callgrind writes down what operations take.
  var isMarked = false
  private let frontier: Frontier
  private(set) var known = 0
  private var now: Int64 = 1_000_000_000
  private var sequence: Int64 = 0
  /// Per host, the number of the first URL that was not given out.
  private var first: [Int64]
  private var random: UInt64 = 11
  private let rules = RobotsRules.parse(
    Array("User-agent: *\nDisallow: /private/\nDisallow: /*?session=\n".utf8), productToken: "crawld")

  init(hosts: Int) {
    self.hosts = hosts
    first = (1...hosts).map(Int64.init)
    guard let key = FingerprintKey(bytes: [UInt8](0..<16)) else { stop("16 bytes make no key") }
    frontier = Frontier(limits: FrontierLimits(), fingerprintKey: key, nextURLID: 1, nextHostID: 1)
    var settings = FrontierSettings()
    settings.delay = 0
    settings.concurrency = 8
    frontier.addTask(id: 1, settings: settings)
    frontier.completeSeen(task: 1)
    for host in 0..<hosts { frontier.admit(seed: url(Int64(host) + 1), task: 1) }
    frontier.setRunning(true, task: 1, now: now)
  }

  // MARK: Offers

  /// Offers so many URLs that are new.
  mutating func offerNew(_ count: Int) -> Cost {
    var cost = Cost()
    let end = known + count
    while known < end {
      let numbers = (known + 1...min(end, known + Self.group * Self.newURLs)).map(Int64.init)
      known += numbers.count
      offer(numbers, areNew: true, &cost)
    }
    return cost
  }

  /// Offers so many URLs that are known, drawn from all.
  mutating func offerKnown(_ count: Int) -> Cost {
    var cost = Cost()
    while cost.operations < count {
      offer((0..<Self.group * Self.newURLs).map { _ in draw() }, areNew: false, &cost)
    }
    return cost
  }

  /// The URLs are made before the clock starts.
  private mutating func offer(_ numbers: [Int64], areNew: Bool, _ cost: inout Cost) {
    let offers = numbers.map { number in
      Offer(url: url(number), source: .link(followed: true, nofollow: false), depth: 1, viaURLID: 1)
    }
    var added = 0
    if isMarked { instruction_count_begin() }
    let start = (Kernel.time(), allocation_count())
    for (place, offer) in offers.enumerated() {
      if place % Self.newURLs == 0 {
        sequence += 1
        frontier.beginVisit(task: 1, sequence: sequence)
      }
      let result = frontier.offer(offer, task: 1, now: now, sequence: sequence)
      if case .discovered(.ready) = result.change { added += 1 }
    }
    frontier.committed(through: sequence)
    if isMarked { instruction_count_end("\(offers.count) \(areNew ? "new" : "known")-offer") }
    cost.processor += Kernel.time() - start.0
    cost.allocations += Int(allocation_count() - start.1)
    cost.operations += offers.count
    if frontier.hasNewHosts { _ = frontier.takeNewHosts() }
    guard added == (areNew ? offers.count : 0) else { stop("\(added) of \(offers.count) offers have made a row") }
  }

  // MARK: Starts

  /// Starts so many fetches, robots.txt among them, and ends each at once: `next`, `release`, `finish`, and the taking in of
  /// rows that heads need.
  mutating func start(_ count: Int) -> Cost {
    var cost = Cost()
    var idle = 0
    while cost.operations < count {
      let before = cost.operations
      if isMarked { instruction_count_begin() }
      let start = (Kernel.time(), allocation_count())
      for _ in 0..<min(Self.group, count - cost.operations) {
        guard let entry = frontier.next(now: now) else { break }
        end(entry)
        cost.operations += 1
      }
      frontier.committed(through: sequence)
      let refills = frontier.refillsDue()
      let activations = frontier.activationsDue(now: now)
      if isMarked { instruction_count_end("\(cost.operations - before) start") }
      let middle = (Kernel.time(), allocation_count())
      let rows = refills.map(rows)
      let stored = activations.map(storedHosts)
      if isMarked { instruction_count_begin() }
      let resumed = (Kernel.time(), allocation_count())
      for (refill, rows) in zip(refills, rows) {
        frontier.endRefill(refill, rows: rows, isComplete: rows.count < refill.limit, now: now)
      }
      for (activation, hosts) in zip(activations, stored) { frontier.endActivation(activation, hosts: hosts, now: now) }
      if isMarked { instruction_count_end("0 start") }
      cost.processor += middle.0 - start.0 + Kernel.time() - resumed.0
      cost.allocations += Int(middle.1 - start.1 + allocation_count() - resumed.1)
      idle = cost.operations == before ? idle + 1 : 0
      if idle > 0, let time = frontier.nextReadyTime(now: now) { now = max(now, time) }
      guard idle < 1_000 else { stop("nothing starts although \(known) URLs are known") }
    }
    return cost
  }

  private mutating func end(_ entry: FrontierEntry) {
    frontier.release(entry, FetchObservation(.ok), now: now)
    if entry.kind == .robots {
      frontier.robotsFetched(hostID: entry.hostID, .rules(rules), now: now)
      return
    }
    sequence += 1
    let host = Int(entry.hostID) - 1
    guard entry.id == first[host] else { stop("\(entry.url.href) was not next on its host") }
    first[host] += Int64(hosts)
    frontier.finish(entry, sequence: sequence, isFinalAnswer: true)
  }

  // MARK: Rows

  private func rows(_ request: RefillRequest) -> [FrontierEntry] {
    let stride = Int64(hosts)
    var number = first[Int(request.hostID) - 1]
    if request.from.id > number { number += (request.from.id - number + stride - 1) / stride * stride }
    var rows: [FrontierEntry] = []
    while rows.count < request.limit, number <= known {
      rows.append(FrontierEntry(key: key(number), taskID: 1, hostID: request.hostID, url: url(number), viaURLID: 1))
      number += stride
    }
    return rows
  }

  private func storedHosts(_ request: ActivationRequest) -> [StoredHost] {
    var found: [StoredHost] = []
    var id = request.afterHostID + 1
    while found.count < request.limit, id <= hosts {
      let number = first[Int(id) - 1]
      if number <= known {
        found.append(
          StoredHost(
            id: id, scheme: "http", name: name(ofHost: id), port: 80, firstKey: key(number), robots: .unknown,
            notBefore: 0))
      }
      id += 1
    }
    return found
  }

  private func key(_ number: Int64) -> QueuePlace {
    QueuePlace(priority: FrontierEntry.ordinaryPriority, depth: 1, id: number)
  }

  private func name(ofHost id: Int64) -> String { "h\(id).bench.test" }

  private func url(_ number: Int64) -> WebURL {
    let host = (number - 1) % Int64(hosts) + 1
    guard let url = WebURL("http://\(name(ofHost: host))/manual/part-\(number / 1_000)/page-\(number).html") else {
      stop("URL \(number) does not parse")
    }
    return url
  }

  private mutating func draw() -> Int64 {
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int64((random >> 33) % UInt64(known)) + 1
  }
}
