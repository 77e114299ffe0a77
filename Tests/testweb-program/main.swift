// testweb: the test web as a program.
//
//   testweb [--hosts N] [--pages N] [--filler BYTES] [--fan-out N] [--back-links N] [--cross-links N] [--seed N]
//           [--port N] [--addresses N] [--hosts-file FILE] [--seeds-file FILE] [--log FILE] [--versioned 1]
//
// Writes the hosts file and the seeds, then says "ready PORT" on standard output; serves until SIGTERM or SIGINT, then
// prints the statistics as JSON. The log is tab-separated: see `RequestLog.Entry.line`. With --log it is written out as
// it grows and kept in memory, too; a benchmark of millions of requests does without.

import EventLoop
import Glibc
import TestWeb

/// Says it on standard error.
func complain(_ text: String) {
  let line = Array("testweb: \(text)\n".utf8)
  _ = Glibc.write(STDERR_FILENO, line, line.count)
}

guard let options = Options(CommandLine.arguments.dropFirst()) else {
  complain("a wrong option; the head of Tests/testweb-program/main.swift lists them")
  exit(2)
}

do {
  try EventLoop.run {
    guard let loop = EventLoop.current else { throw EventLoopError.closed }
    let web = try await TestWeb.start(options.site, on: loop, addresses: options.addresses, port: options.port)
    if let path = options.hostsFile { try TextFile.write(await web.hostsFile.text, to: path) }
    if let path = options.seedsFile {
      let site = await web.site
      try TextFile.write((0..<site.hosts).map { site.url(host: $0, page: 0) + "\n" }.joined(), to: path)
    }
    if let path = options.log {
      let log = try LineLog(path: path)
      await web.setOnAnswer { log.append($0.line) }
    }
    print("ready", await web.site.port)
    fflush(nil)
    for await _ in try loop.signals(SIGTERM, SIGINT) { break }
    print(await web.log.statistics().json, terminator: "")
    await web.close()
  }
} catch {
  complain("\(error)")
  exit(1)
}
