import EventLoop
import TestWeb

/// One client, which does one thing after the other.
struct Client: Sendable {
  private let number: Int
  private let options: Options
  private let counts: Counts
  private let loop: EventLoop
  private let draws: Draws

  init(_ number: Int, _ options: Options, _ counts: Counts, _ loop: EventLoop) {
    self.number = number
    self.options = options
    self.counts = counts
    self.loop = loop
    draws = Draws(seed: UInt64(options.seed) << 20 + UInt64(number))
  }

  func run() async {
    var done = 0
    // Each kind comes first at some client.
    var act = Act.allCases[number % Act.allCases.count]
    while !Task.isCancelled, options.acts.map({ done < $0 }) ?? true {
      await perform(act)
      counts.acts[act.rawValue, default: 0] += 1
      done += 1
      act = Act.allCases[draws.draw(Act.allCases.count)]
    }
  }

  private func perform(_ act: Act) async {
    do {
      switch act {
      case .storm:
        for _ in 0..<50 { try await connect().close() }
      case .neverReading:
        // Until the daemon has had enough of it; the impatient leave before.
        try await talk(isReading: false) { connection in
          let lines = Act.flood.lines(draws.draw).flatMap { $0 }
          for _ in 0..<(options.isPatient ? 1_000 : 2) { try await write(lines, to: connection) }
        }
      case .endlessLine:
        try await talk { connection in
          let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
          for _ in 0..<(options.isPatient ? 1_024 : 3) { try await write(piece, to: connection) }
          try await write(Array("\n".utf8) + Act.flood.lines(draws.draw)[0], to: connection)
        }
      case .halfLine:
        try await talk { connection in
          try await write(Act.flood.lines(draws.draw)[0].dropLast(10 + draws.draw(10)), to: connection)
          if options.isPatient { try await loop.sleep(for: .seconds(15)) }
        }
      case .slowBytes:
        try await talk { connection in
          for byte in Act.flood.lines(draws.draw)[0] {
            try await write([byte], to: connection)
            if options.isPatient { try await loop.sleep(for: .seconds(1)) }
          }
        }
      case .longPolls, .subscriptions:
        // Half of the subscribers read nothing of what they have asked for.
        try await talk(isReading: act == .longPolls || draws.draw(2) == 0) { connection in
          for line in act.lines(draws.draw) { try await write(line, to: connection) }
          if options.isPatient { try await loop.sleep(for: .seconds(2)) }
        }
      case .garbage, .deepJSON, .duplicateKeys, .invalidText, .flood, .wrongRequests:
        try await talk { connection in
          for line in act.lines(draws.draw) { try await write(line, to: connection) }
        }
      }
    } catch {
      // The daemon has closed the connection, or takes none at the moment.
    }
  }

  /// Connects, sends what `body` sends, takes what the daemon says meanwhile, and after it until the daemon has no more.
  private func talk(isReading: Bool = true, _ body: @escaping @Sendable (Connection) async throws -> Void) async throws
  {
    let connection = try await connect()
    defer { connection.close() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      if isReading {
        group.addTask {
          while let line = try await connection.readLine(limit: 1 << 26) { counts.take(line) }
        }
      }
      group.addTask {
        do { try await body(connection) } catch {
          // It may have said why.
        }
        try? connection.closeWrite()
      }
      try await group.waitForAll()
    }
  }

  private func connect() async throws -> Connection {
    do {
      let connection = try await loop.connect(to: .unix(path: options.socket))
      counts.connections += 1
      return connection
    } catch {
      counts.refusals += 1
      throw error
    }
  }

  private func write(_ bytes: some Collection<UInt8>, to connection: Connection) async throws {
    try await connection.write(bytes)
    counts.bytes += bytes.count
  }
}

/// Draws one number after the other. Confined to the loop's thread.
private final class Draws: @unchecked Sendable {
  private let numbers: SeededNumbers
  private var count: UInt64 = 0

  init(seed: UInt64) { numbers = SeededNumbers(seed: seed) }

  func draw(_ bound: Int) -> Int {
    count += 1
    return numbers.draw(count, below: bound)
  }
}
