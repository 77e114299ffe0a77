import EventLoop
import Glibc

/// Takes what is there; empty at the end. It does not block, because it is called only when the pipe is readable.
func take(from descriptor: Int32) -> String {
  var bytes = [UInt8](repeating: 0, count: 8)
  let count = read(descriptor, &bytes, bytes.count)
  return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}

var ends: [Int32] = [-1, -1]
guard pipe(&ends) == 0 else { fatalError("no pipe") }
let (reading, writing) = (ends[0], ends[1])

try EventLoop.run {
  guard let loop = EventLoop.current else { return }
  // A callback can't wait. A stream brings what it finds to a coroutine, which can.
  let (texts, found) = AsyncStream.makeStream(of: String.self)
  let watch = try loop.watch(reading, for: .readable) { readiness in
    let text = take(from: reading)
    found.yield(text.isEmpty ? "hang-up: \(readiness.contains(.hangUp))" : text)
    if text.isEmpty { found.finish() }
  }

  // 13 bytes for a buffer of 8: what is left is reported again in the next tick.
  loop.callSoon { write(writing, "readableagain", 13) }
  var seen = 0
  for await text in texts {
    print(text)
    seen += text.utf8.count
    if seen == 13 { close(writing) }
  }

  // The watch ends before its descriptor is closed: the number may be given to something else at once.
  watch.cancel()
  close(reading)
}
