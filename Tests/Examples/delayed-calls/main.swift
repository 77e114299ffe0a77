import EventLoop

// With the virtual clock time jumps from deadline to deadline, so this program does not wait. Without the argument it
// takes its six seconds.
try EventLoop.run(clock: .virtual) {
  guard let loop = EventLoop.current else { return }
  let start = loop.now
  func say(_ text: String) { print("\(loop.now - start): \(text)") }

  loop.callLater(.seconds(2)) { say("registered first, due after the next two") }
  loop.callLater(.seconds(1)) { say("the first of two with one deadline") }
  loop.callAt(start + .seconds(1)) { say("the second of two with one deadline") }
  // Not now, but in the next round, before everything that has a deadline.
  loop.callSoon { say("soon") }

  // A cancelled call is never made, and what its closure holds is freed at once.
  let reminder = loop.callLater(.seconds(1)) { say("never said") }
  reminder.cancel()
  say("the reminder is \(reminder.isPending ? "pending" : "cancelled")")

  // A call is made once. One that repeats registers itself again, counted from its own deadline: then a late tick
  // delays one beat, and not all that follow.
  func beat(_ number: Int, at deadline: Instant) {
    loop.callAt(deadline) {
      say("beat \(number)")
      if number < 3 { beat(number + 1, at: deadline + .seconds(1)) }
    }
  }
  beat(1, at: start + .seconds(3))

  // Calls do not keep the loop running: it runs until this coroutine is done.
  try await loop.sleep(until: start + .seconds(6))
  say("done")
}
