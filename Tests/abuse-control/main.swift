// abuse-control: clients of the control socket as nobody wants them.
//
//   abuse-control SOCKET [--clients N] [--acts N] [--seed N] [--patient 1]
//
// N clients at once (default 64), each of which does one thing after the other that a seed chooses (`Act`): N of them, or
// until SIGTERM. Patient ones wait, between bytes and for the daemon to end it, and send a line of 1 GiB instead of 3 MiB.
// Then it says what it has done and heard, as JSON, and ends with 0 if all that it has heard were replies of the protocol.

import EventLoop
import Glibc

/// Says it on standard error.
func complain(_ text: String) {
  let line = Array("abuse-control: \(text)\n".utf8)
  _ = Glibc.write(STDERR_FILENO, line, line.count)
}

guard let options = Options(CommandLine.arguments.dropFirst()) else {
  complain("a wrong option; the head of Tests/abuse-control/main.swift lists them")
  exit(2)
}

do {
  let counts = try EventLoop.run {
    guard let loop = EventLoop.current else { throw EventLoopError.closed }
    let counts = Counts()
    let signals = try loop.signals(SIGTERM)
    // The clients end by themselves, or at the signal.
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        await withTaskGroup(of: Void.self) { clients in
          for number in 0..<options.clients {
            clients.addTask { await Client(number, options, counts, loop).run() }
          }
        }
        return true
      }
      group.addTask {
        for await _ in signals { break }
        return true
      }
      _ = await group.next()
      group.cancelAll()
    }
    return counts
  }
  print(counts.json)
  exit(counts.isClean ? 0 : 1)
} catch {
  complain("\(error)")
  exit(1)
}
