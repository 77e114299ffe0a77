import Address
package import EventLoop

/// The race for a connection between the addresses of one name (RFC 8305 section 5, "happy eyeballs").
///
/// Attempts start in the order of the addresses: the next one when one has failed, or the last one has not won within
/// `delay`. A cancelled caller starts no more. The first to succeed wins; the others are cancelled, and what one of them still brings is discarded.
package struct AddressRace<Winner: Sendable>: Sendable {
  private enum Event {
    case won(Winner)
    case lost(ConnectionError.Attempt)
    /// The attempt with this number has had its head start.
    case headStartOver(Int)
  }

  private let loop: EventLoop
  private let delay: Duration
  private let attempt: @Sendable (SocketAddress) async throws -> Winner
  private let discard: @Sendable (Winner) -> Void

  /// - Parameters:
  ///   - delay: the head start of each attempt before the next one.
  ///   - discard: gives up what an attempt has brought when another had won already.
  package init(
    loop: EventLoop, delay: Duration, attempt: @escaping @Sendable (SocketAddress) async throws -> Winner,
    discard: @escaping @Sendable (Winner) -> Void
  ) {
    self.loop = loop
    self.delay = delay
    self.attempt = attempt
    self.discard = discard
  }

  /// Runs the race to its end: when it returns, no attempt is under way.
  ///
  /// - Returns: the winner, or every attempt with its error, in the order in which they failed.
  package func run(_ addresses: [SocketAddress]) async -> Result<Winner, ConnectionError> {
    await withTaskGroup(of: Event.self) { group in
      var winner: Winner?
      var losses: [ConnectionError.Attempt] = []
      var started = 0
      var mayStart = true
      while winner == nil {
        if mayStart, started < addresses.count, !Task.isCancelled {
          let address = addresses[started]
          started += 1
          let number = started
          group.addTask { await outcome(of: address) }
          if started < addresses.count { group.addTask { await headStart(number) } }
          mayStart = false
        }
        // No attempt is under way, and none may start: all have failed, or the caller was cancelled.
        if losses.count == started { break }
        switch await group.next() {
        case .won(let first): winner = first
        case .lost(let loss):
          losses.append(loss)
          mayStart = true
        case .headStartOver(let number): if number == started { mayStart = true }
        case nil: fatalError("an attempt to connect has neither won nor lost")
        }
      }
      group.cancelAll()
      for await case .won(let late) in group { discard(late) }
      return winner.map(Result.success) ?? .failure(.unreachable(losses))
    }
  }

  private func outcome(of address: SocketAddress) async -> Event {
    do { return .won(try await attempt(address)) } catch {
      return .lost(ConnectionError.Attempt(address: address, error: error))
    }
  }

  private func headStart(_ number: Int) async -> Event {
    // Only the end of the race cuts it short, and then nobody listens.
    try? await loop.sleep(for: delay)
    return .headStartOver(number)
  }
}

/// Why there is no connection to a name.
package enum ConnectionError: Error, CustomStringConvertible {
  package struct Attempt: Sendable {
    package let address: SocketAddress
    package let error: any Error
  }

  /// The name has no address; the message is a sentence for the user.
  case lookUpFailed(Resolution.FailureKind, message: String)
  /// No address could be connected to.
  case unreachable([Attempt])

  package var description: String {
    switch self {
    case .lookUpFailed(_, let message): message
    case .unreachable(let attempts):
      attempts.map { "\($0.address): \($0.error)" }.joined(separator: "; ")
    }
  }
}

extension Resolver {
  /// How long an attempt is waited for before the next address is tried as well, as RFC 8305 section 8 recommends.
  private static let attemptDelay = Duration.milliseconds(250)

  /// Looks a name up and connects to the first of its addresses that answers; the caller closes the connection.
  ///
  /// IPv6 and IPv4 take turns, IPv6 first (RFC 8305 section 4); within a family the order is the name server's. The
  /// time that the name servers take and that of the attempts is bounded by the resolver's deadline and by the kernel's:
  /// use `withTimeout` for less.
  ///
  /// - Throws: `ConnectionError`; `CancellationError`.
  package func connect(to name: String, port: UInt16) async throws -> Connection {
    let addresses: [Address]
    switch await resolve(name) {
    case .addresses(let found, _): addresses = found
    case .failure(.cancelled, _): throw CancellationError()
    case .failure(let kind, let message): throw ConnectionError.lookUpFailed(kind, message: message)
    }
    let loop = loop
    let race = AddressRace<Connection>(
      loop: loop, delay: Self.attemptDelay, attempt: { try await loop.connect(to: $0) }, discard: { $0.close() })
    let ordered = NameLookup.alternating([addresses.filter(\.isIPv6), addresses.filter(\.isIPv4)])
    switch await race.run(ordered.map { SocketAddress($0, port: port) }) {
    case .success(let connection): return connection
    case .failure(let error):
      try Task.checkCancellation()
      throw error
    }
  }
}

extension SocketAddress {
  init(_ address: Address, port: UInt16) {
    switch address {
    case .v4(let bits): self = .ipv4(address: bits, port: port)
    case .v6(let high, let low): self = .ipv6(high: high, low: low, port: port, scope: 0)
    }
  }
}
