import EventLoop
import Fetch
import Testing

@Suite struct LimitTests {
  @Test func `an announced body above the limit is not even read`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Content-Length: 5000"]))
      _ = try await connection.read(upTo: 1)
    }) { stage in
      let response = await stage.fetch { $0.limits.bodyBytes = 4_999 }
      #expect(response.outcome == .tooLarge)
      #expect(response.bodyBytes == 0)
      #expect(response.status == 200)
      #expect(response.truncated)
    }
  }

  @Test func `a chunked body is cut off at the limit`() throws {
    let chunk = "1000\r\n" + String(repeating: "x", count: 0x1000) + "\r\n"
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Transfer-Encoding: chunked"]))
      // Endless: ends when the client closes.
      while true { try await connection.write(chunk) }
    }) { stage in
      let response = await stage.fetch { $0.limits.bodyBytes = 100_000 }
      #expect(response.outcome == .tooLarge)
      #expect(response.body.isEmpty)
      #expect((100_001...132_768).contains(response.bodyBytes))
      #expect(await stage.fetcher.statistics.bufferedBytes == 0)
      #expect(await stage.fetcher.statistics.openSockets == 0)
    }
  }

  @Test(arguments: ["a;" + String(repeating: "x", count: 10_000), String(repeating: "1\r\nx\r\n", count: 2_000)])
  func `what chunks have beside the body is limited by the body`(bytes: String) throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Transfer-Encoding: chunked"]))
      // Endless: ends when the client closes.
      while true { try await connection.write(bytes) }
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .tooLarge)
      #expect(response.error?.hasSuffix(" bytes came for a body of \(response.bodyBytes)") == true)
      #expect(response.bodyBytes < 1 << 20)
      #expect(await stage.fetcher.statistics.openSockets == 0)
    }
  }

  @Test func `what came over a connection is held against its own body alone`() throws {
    let chunk = "10000\r\n" + String(repeating: "x", count: 1 << 16) + "\r\n"
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Transfer-Encoding: chunked"]))
      for _ in 0..<64 { try await connection.write(chunk) }
      try await connection.write("0\r\n\r\n")
    }) { stage in
      // The second time over kept connections, which have brought megabytes before.
      for _ in 0..<2 {
        await withTaskGroup { group in
          for number in 0..<6 { group.addTask { await stage.fetch("/\(number)").outcome } }
          for await outcome in group { #expect(outcome == .ok) }
        }
      }
    }
  }

  @Test func `small chunks are read as long as they are few, or not tiny`() throws {
    for (size, count) in [(1, 100_000), (8, 300_000)] {
      let chunk = "\(size)\r\n" + String(repeating: "x", count: size) + "\r\n"
      try read(String(repeating: chunk, count: count) + "0\r\n\r\n", of: size * count)
    }
  }

  private func read(_ body: String, of bytes: Int) throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(head(["Transfer-Encoding: chunked"]))
      try await connection.write(body)
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .ok && response.bodyBytes == bytes)
    }
  }

  @Test func `a body of exactly the limit is fine`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(ok(String(repeating: "x", count: 100_000)))
    }) { stage in
      let response = await stage.fetch { $0.limits.bodyBytes = 100_000 }
      #expect(response.outcome == .ok)
      #expect(response.body.count == 100_000)
    }
  }

  @Test func `robots keeps its first 500 KiB and does not fail`() throws {
    try Stage.run(answer: { _, connection in
      // The limit is within the tenth byte of a line.
      try await connection.write(ok("# of 6\n" + String(repeating: "Disallow: /a/b\n", count: 40_000)))
    }) { stage in
      let response = await stage.fetch("/robots.txt") { $0.isRobots = true }
      #expect(response.outcome == .ok)
      #expect(response.bodyBytes == 500 * 1_024)
      #expect(response.body.count == 500 * 1_024 - (500 * 1_024 - 7) % 15 && response.text.hasSuffix("/b\n"))
      #expect(response.truncated)
      #expect(response.error == nil)
    }
  }

  @Test func `robots below the limit is complete`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write(ok(String(repeating: "x", count: 500 * 1_024)))
    }) { stage in
      let response = await stage.fetch("/robots.txt") { $0.isRobots = true }
      #expect(response.outcome == .ok)
      #expect(response.body.count == 500 * 1_024)
      #expect(!response.truncated)
    }
  }

  @Test func `a flood of fields is stopped`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write("HTTP/1.1 200 OK\r\n")
      let field = "X-Flood: " + String(repeating: "x", count: 1_000) + "\r\n"
      while true { try await connection.write(field) }
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .headerLimit)
      #expect(response.status == nil)
    }
  }

  /// An interim section, a section, and a body that begins; then it ends in one way or another.
  @Test(arguments: ["complete", "closed", "cancelled", "too large", "too many headers"])
  func `header sections in flight count as bodies do`(end: String) throws {
    let goesOn = Occurrence()
    let interim = head(["Link: </style.css>"], status: "103 Early Hints")
    let fields = head((0..<100).map { "X-\($0): " + String(repeating: "x", count: 1_000) } + ["Content-Length: 10"])
    let size = interim.utf8.count + fields.utf8.count
    try Stage.run(answer: { _, connection in
      try await connection.write(interim + fields + "12345")
      await goesOn.wait()
      if end == "complete" { try await connection.write("67890") } else { connection.close() }
    }) { stage in
      let request = stage.request()
      if end == "too large" { request.limits.bodyBytes = 9 }
      if end == "too many headers" { request.limits.headerBytes = size - 1 }
      let task = stage.loop.startTask(name: "fetch") { await stage.fetcher.fetch(request) }
      if !end.hasPrefix("too") {
        await stage.reached { request.progress.bytes == 5 }
        #expect(await stage.fetcher.statistics.bufferedBytes == 5 + 2 * size)
      }
      if end == "cancelled" { task.cancel() }
      if end != "cancelled" { goesOn.happen() }
      let outcomes: [String: FetchOutcome] = [
        "complete": .ok, "closed": .truncated, "cancelled": .aborted, "too large": .tooLarge,
        "too many headers": .headerLimit,
      ]
      let response = try await task.value
      #expect(response.outcome == outcomes[end])
      #expect(await stage.fetcher.statistics.bufferedBytes == 0)
      goesOn.happen()
    }
  }

  @Test func `long header sections wait for room as bodies do`() throws {
    final class Most: @unchecked Sendable { var bytes = 0 }
    let (count, most) = (20, Most())
    let goesOn = (0..<count).map { _ in Occurrence() }
    var configuration = FetchConfiguration()
    configuration.maximumBodyBytes = 64 << 10
    let field = "X-Long: " + String(repeating: "x", count: 990) + "\r\n"
    try Stage.run(
      configuration: configuration,
      hosts: "127.0.0.1 " + (0..<count).map { "h\($0).example" }.joined(separator: " ") + "\n",
      answer: { request, connection in
        try await connection.write("HTTP/1.1 200 OK\r\n" + String(repeating: field, count: 20))
        await goesOn[request.connection - 1].wait()
        try await connection.write(String(repeating: field, count: 200))
        try await connection.write("Content-Length: 0\r\n\r\n")
      }
    ) { stage in
      let hook = stage.loop.beforeSleep { most.bytes = max(most.bytes, stage.statistics.bufferedBytes) }
      await withTaskGroup { group in
        for number in 0..<count {
          group.addTask { await stage.fetcher.fetch(stage.request(host: "h\(number).example")).outcome }
        }
        // All of them are above the bound together, and go on one after the other.
        await stage.reached { stage.statistics.bufferedBytes > count * 2 * 20_000 }
        for occurrence in goesOn { occurrence.happen() }
        for await outcome in group { #expect(outcome == .ok) }
      }
      hook.cancel()
      #expect(most.bytes < count * 2 * 220_000 / 2)
      #expect(stage.statistics.bufferedBytes == 0)
    }
  }

  @Test func `a single line that never ends is stopped`() throws {
    try Stage.run(answer: { _, connection in
      try await connection.write("HTTP/1.1 200 OK\r\nX-Flood: ")
      let part = String(repeating: "x", count: 10_000)
      while true { try await connection.write(part) }
    }) { stage in
      #expect(await stage.fetch().outcome == .headerLimit)
    }
  }

  @Test func `endless interim responses are stopped`() throws {
    try Stage.run(answer: { _, connection in
      while true { try await connection.write(head(["Link: </style.css>; rel=preload"], status: "103 Early Hints")) }
    }) { stage in
      #expect(await stage.fetch().outcome == .headerLimit)
    }
  }

  @Test func `more fetches than places wait in order`() throws {
    var configuration = FetchConfiguration()
    configuration.maximumInFlight = 3
    try Stage.run(configuration: configuration) { stage in
      await withTaskGroup(of: FetchOutcome.self) { group in
        for number in 0..<20 {
          group.addTask { await stage.fetch("/\(number)").outcome }
        }
        for await outcome in group { #expect(outcome == .ok) }
      }
      #expect(stage.server.connections == 3)
      #expect(stage.server.requests.map(\.target).prefix(3).sorted() == ["/0", "/1", "/2"])
      #expect(await stage.fetcher.statistics.waiting == 0)
      #expect(await stage.fetcher.statistics.inFlight == 0)
    }
  }

  @Test func `with few sockets many hosts are fetched all the same`() throws {
    var configuration = FetchConfiguration()
    configuration.maximumSockets = 4
    let names = (0..<60).map { "h\($0).example" }
    let hosts = names.map { "127.0.0.1 \($0)\n" }.joined()
    try Stage.run(configuration: configuration, hosts: hosts) { stage in
      await withTaskGroup(of: FetchResponse.self) { group in
        for name in names {
          group.addTask { await stage.fetcher.fetch(stage.request("/", host: name)) }
        }
        for await response in group { #expect(response.outcome == .ok, "\(response.error ?? "")") }
      }
      for name in names.prefix(20) {
        #expect(await stage.fetcher.fetch(stage.request("/", host: name)).outcome == .ok)
      }
      #expect(await stage.fetcher.statistics.openSockets <= 4)
    }
  }

  @Test func `connections to hosts that are met once are not piled up`() throws {
    var configuration = FetchConfiguration()
    configuration.shards = 1
    configuration.idleSeconds = 3_600
    let names = (0..<700).map { "h\($0).example" }
    try Stage.run(configuration: configuration, hosts: names.map { "127.0.0.1 \($0)\n" }.joined()) { stage in
      for name in names {
        #expect(await stage.fetcher.fetch(stage.request("/", host: name)).outcome == .ok)
      }
      #expect(stage.statistics.openSockets < 450)
      // One that is kept is still used.
      #expect(await stage.fetcher.fetch(stage.request("/", host: names[0])).reused)
    }
  }

  @Test func `shards that are replaced lose no fetch`() throws {
    var configuration = FetchConfiguration()
    configuration.shards = 1
    configuration.hostsPerShard = 2
    let names = (0..<30).map { "h\($0).example" }
    try Stage.run(configuration: configuration, hosts: names.map { "127.0.0.1 \($0)\n" }.joined()) { stage in
      for _ in 0..<3 {
        await withTaskGroup(of: FetchOutcome.self) { group in
          for name in names {
            group.addTask { await stage.fetcher.fetch(stage.request("/", host: name)).outcome }
          }
          for await outcome in group { #expect(outcome == .ok) }
        }
      }
      #expect(stage.server.requests.count == 90)
    }
  }

  @Test func `fields that are kept apart are clipped`() throws {
    let long = String(repeating: "x", count: 5_000)
    let names = ["Content-Type", "Content-Encoding", "ETag", "Last-Modified", "Retry-After"]
    try Stage.run(answer: { _, connection in
      try await connection.write(ok("hello", fields: names.map { "\($0): \(long)" }))
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .ok)
      let kept = String(repeating: "x", count: 1_024)
      #expect(response.contentType == kept)
      #expect(response.contentEncoding == kept)
      #expect(response.etag == kept)
      #expect(response.lastModified == kept)
      #expect(response.retryAfter == kept)
      #expect(response.header("etag")?.count == 5_000)
    }
  }

  @Test func `a field is not clipped within a character`() throws {
    let value = "a" + String(repeating: "\u{20AC}", count: 1_000)
    try Stage.run(answer: { _, connection in
      try await connection.write(ok("hello", fields: ["Content-Type: \(value)"]))
    }) { stage in
      let contentType = await stage.fetch().contentType
      #expect(contentType == "a" + String(repeating: "\u{20AC}", count: 341))
    }
  }

  @Test(arguments: [16_384, 16_385])
  func `a Location above 16 KiB is none`(count: Int) throws {
    let location = "/" + String(repeating: "x", count: count - 1)
    try Stage.run(answer: { _, connection in
      try await connection.write(ok("", status: "302 Found", fields: ["Location: \(location)", "Location: /second"]))
    }) { stage in
      let response = await stage.fetch()
      #expect(response.outcome == .redirected)
      #expect(response.location == (count > 16_384 ? nil : location))
    }
  }
}
