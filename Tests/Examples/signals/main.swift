import EventLoop
import Glibc

try EventLoop.run {
  guard let loop = EventLoop.current else { return }
  // From here on the two do nothing by themselves; they are elements of this stream.
  let signals = try loop.signals(SIGHUP, SIGTERM)
  let work = loop.startTask(name: "work") {
    defer { print("the work has ended") }
    try await loop.sleep(for: .seconds(3_600))
  }

  // What `kill` in a shell would do.
  kill(getpid(), SIGHUP)
  for await number in signals {
    if number == SIGHUP {
      print("SIGHUP: the configuration is read again")
      kill(getpid(), SIGTERM)
    } else {
      print("SIGTERM: the work is told to end")
      break
    }
  }
  work.cancel()
  _ = await work.result
}
// The loop is closed: SIGTERM would end this process again.
