import Address
import EventLoop

/// One name that is being looked up, and those who wait for it. Confined to the loop's thread, hence `@unchecked`.
final class NameLookup: @unchecked Sendable {
  enum State {
    case queued
    case sent
    case finished
  }

  /// What a name server said about one family.
  enum Answer {
    case none
    case asked
    /// Addresses, the smallest of their times to live, and when they came.
    case addresses([Address], timeToLive: Duration, came: EventLoop.Instant)
    case failure(kind: Resolution.FailureKind, message: String)
    /// It does not exist, or has no address of the family; believed for this time.
    case nothing(message: String, nameExists: Bool, timeToLive: Duration)
  }

  let name: String
  /// What it shares with the other names of its site.
  let site: String
  var state = State.queued
  /// The site is silent: it waits apart.
  var isSuspect = false
  /// It counts among those that are looked up at once.
  var hasPlace = false
  var ipv4 = Answer.none
  var ipv6 = Answer.none
  var waiters: [NameWaiter] = []
  var deadline: DelayedCall?
  var patience: DelayedCall?
  /// Called after each answer, outside of c-ares; also for those that come when the look-up is finished.
  var answered: (() -> Void)?

  init(name: String, site: String) {
    self.name = name
    self.site = site
  }

  /// A name as tables know it: lower-case, without the root's dot.
  static func key(of name: String) -> String {
    let lowercased = name.lowercased()
    return lowercased.hasSuffix(".") ? String(lowercased.dropLast()) : lowercased
  }

  /// Whether a message could carry the name: labels of 1…63 bytes, 253 in all (RFC 1035 section 2.3.4).
  static func isPossible(_ key: String) -> Bool {
    guard !key.isEmpty, key.utf8.count <= 253 else { return false }
    return key.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .allSatisfy { (1...63).contains($0.count) }
  }

  var hasAddresses: Bool {
    switch (ipv4, ipv6) {
    case (.addresses, _), (_, .addresses): true
    default: false
    }
  }

  /// Whether a name server has said what it knows.
  var isHeard: Bool {
    [ipv4, ipv6].contains { answer in
      switch answer {
      case .addresses, .nothing: true
      default: false
      }
    }
  }

  /// Whether nothing more is waited for.
  var isSettled: Bool { denial != nil || !isAwaited }

  /// Whether a name server has yet to answer.
  var isAwaited: Bool {
    switch (ipv4, ipv6) {
    case (.asked, _), (_, .asked): true
    default: false
    }
  }

  /// That the name does not exist is said of all its types (RFC 8020 section 2). Only IPv4's answer is believed: there
  /// are name servers that say so of a name that has no more than no IPv6 address (RFC 4074 section 4.2).
  private var denial: Resolution? {
    guard case .nothing(let message, nameExists: false, _) = ipv4 else { return nil }
    return .failure(kind: .notFound, message: message)
  }

  /// Until when the addresses may be kept; for no longer than `limit` while it is unknown whether there are others.
  func expiry(ofHalf limit: Duration) -> EventLoop.Instant? {
    let answers = [ipv4, ipv6]
    let isHalf = answers.contains { answer in
      switch answer {
      case .asked, .failure: true
      default: false
      }
    }
    return answers.compactMap { answer in
      guard case .addresses(_, let timeToLive, let came) = answer else { return nil }
      return came + (isHalf ? min(timeToLive, limit) : timeToLive)
    }.min()
  }

  /// How long it may be kept that there is no address.
  var negativeTimeToLive: Duration? {
    [ipv4, ipv6].compactMap { answer in
      if case .nothing(_, _, let timeToLive) = answer { timeToLive } else { nil }
    }.min()
  }

  /// What the answers so far come to.
  var resolution: Resolution {
    var families: [[Address]] = []
    var shortest: Duration?
    var failure: (kind: Resolution.FailureKind, message: String)?
    for answer in [ipv4, ipv6] {
      switch answer {
      case .addresses(let addresses, let timeToLive, _):
        families.append(addresses)
        shortest = min(shortest ?? timeToLive, timeToLive)
      case .nothing(let message, _, _):
        if failure == nil { failure = (.notFound, message) }
      case .failure(let kind, let message):
        // What may pass says more than "has no address of this family".
        if failure == nil || failure?.kind == .notFound { failure = (kind, message) }
      case .asked:
        failure = (.timeout, "the name servers did not answer for \(name) in time")
      case .none: break
      }
    }
    guard let shortest else {
      return denial
        ?? .failure(kind: failure?.kind ?? .failed, message: failure?.message ?? "\(name) was not looked up")
    }
    return .addresses(NameLookup.alternating(families), timeToLive: shortest)
  }

  func end() {
    state = .finished
    deadline?.cancel()
    patience?.cancel()
    deadline = nil
    patience = nil
  }

  /// One of each list in turn, as long as they last.
  static func alternating(_ families: [[Address]]) -> [Address] {
    var result: [Address] = []
    for index in 0..<(families.map(\.count).max() ?? 0) {
      for family in families where index < family.count { result.append(family[index]) }
    }
    return result
  }
}

/// One coroutine that waits for a look-up; resumed exactly once. Confined to the loop's thread, hence `@unchecked`.
final class NameWaiter: @unchecked Sendable {
  private enum State {
    case idle
    case parked(CheckedContinuation<Resolution, Never>)
    case finished(Resolution)
  }

  private var state = State.idle

  func park(_ continuation: CheckedContinuation<Resolution, Never>) {
    switch state {
    case .idle: state = .parked(continuation)
    case .finished(let resolution): continuation.resume(returning: resolution)
    case .parked: fatalError("two coroutines wait with one waiter for a name")
    }
  }

  /// Without effect after the first call.
  func finish(_ resolution: Resolution) {
    switch state {
    case .idle:
      state = .finished(resolution)
    case .parked(let continuation):
      state = .finished(resolution)
      continuation.resume(returning: resolution)
    case .finished: break
    }
  }
}

/// Look-ups that wait for a place, first in, first out.
struct LookupQueue {
  /// With those that are finished, which stay until they come up or are half of all.
  private var elements: [NameLookup] = []
  private var start = 0
  private(set) var count = 0

  mutating func append(_ lookup: NameLookup) {
    elements.append(lookup)
    count += 1
  }

  /// One that is queued was finished. Amortised O(1).
  mutating func noteFinished() {
    count -= 1
    if elements.count - start > 64, count * 2 < elements.count - start {
      elements = elements[start...].filter { $0.state == .queued }
      start = 0
    }
  }

  /// Amortised O(1).
  mutating func popFirst() -> NameLookup? {
    while start < elements.count {
      let first = elements[start]
      start += 1
      if start > 64, start * 2 > elements.count {
        elements.removeFirst(start)
        start = 0
      }
      guard first.state == .queued else { continue }
      count -= 1
      return first
    }
    return nil
  }

  /// Those of them, in order. O(n).
  mutating func takeAll(where isWanted: (NameLookup) -> Bool) -> [NameLookup] {
    let waiting = elements[start...].filter { $0.state == .queued }
    elements = waiting.filter { !isWanted($0) }
    (start, count) = (0, elements.count)
    return waiting.filter(isWanted)
  }

  mutating func removeAll() {
    elements = []
    (start, count) = (0, 0)
  }
}
