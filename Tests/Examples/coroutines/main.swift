import EventLoop

// The main coroutine awaits a second one. Both run on the thread that runs the loop: the call is no hand-over.
func cor2() async {
  print("COR2")
}

func cor1() async {
  print("COR1 start")
  await cor2()
  print("COR1 end")
}

let loop = try EventLoop()
try loop.runUntilComplete { await cor1() }

// Children run while their parent waits for them; none of them outlives it.
func brew(_ drink: String, for duration: Duration) async throws -> String {
  print("\(drink) is put on")
  try await loop.sleep(for: duration)
  print("\(drink) is ready")
  return drink
}

try loop.runUntilComplete {
  async let coffee = brew("coffee", for: .milliseconds(20))
  async let tea = brew("tea", for: .milliseconds(10))
  let drinks = try await [coffee, tea]
  print("served: \(drinks.joined(separator: ", "))")
}

// A coroutine that is no child is started by name. Cancelled, it wakes at once instead of at its deadline.
try loop.runUntilComplete {
  let sleeper = loop.startTask(name: "sleeper") { try await loop.sleep(for: .seconds(3_600)) }
  sleeper.cancel()
  do {
    try await sleeper.value
  } catch is CancellationError {
    print("the sleeper was cancelled")
  }
}

// A time limit cancels what it limits, waits for its end, and throws an error of its own.
try loop.runUntilComplete {
  do {
    _ = try await loop.withTimeout(.milliseconds(10)) { try await brew("soup", for: .seconds(3_600)) }
  } catch EventLoopError.timedOut(let limit) {
    print("no soup within \(limit)")
  }
}

// Throws when a coroutine is still alive. None is: each was awaited.
try loop.close()
