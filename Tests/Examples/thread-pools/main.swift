import EventLoop

/// Takes a while. On the loop's thread it would hold everything else up.
func countPrimes(below limit: Int) -> Int {
  (2..<limit).count { number in !(2..<number).prefix { $0 * $0 <= number }.contains { number % $0 == 0 } }
}

/// Blocks, and bears one user at a time, as files and database connections do. Only the pool's thread touches it.
final class Ledger: @unchecked Sendable {
  private var balance = 0

  func book(_ amount: Int) -> Int {
    balance += amount
    return balance
  }
}

try EventLoop.run {
  guard let loop = EventLoop.current else { return }

  // The shared pool has a thread per core. The loop goes on meanwhile.
  async let primes = loop.runInThread { countPrimes(below: 20_000) }
  print("the loop goes on")
  print("\(try await primes) primes")

  // A pool of one makes its calls one after the other in the order of `run`: no lock is needed.
  let pool = ThreadPool(name: "ledger", size: 1, loop: loop)
  let ledger = Ledger()
  async let first = pool.run { ledger.book(100) }
  async let second = pool.run { ledger.book(-30) }
  async let third = pool.run { ledger.book(5) }
  print("balances: \(try await [first, second, third])")

  // A thread tells the loop something by a call. The thread's result may be there before the call is made, so who needs
  // it waits for it.
  let (told, telling) = AsyncStream.makeStream(of: Void.self)
  try await pool.run {
    loop.callSoonThreadSafe {
      print("told by the thread")
      telling.finish()
    }
  }
  for await _ in told {}

  await pool.close()

  do {
    _ = try await pool.run { ledger.book(1) }
  } catch EventLoopError.poolClosed {
    print("the pool is closed")
  }
}
