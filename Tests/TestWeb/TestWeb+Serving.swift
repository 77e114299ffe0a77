package import EventLoop
import Glibc

extension TestWeb {
  /// Where the hosts of the site listen: host k at 127.0.9.(1 + k mod addresses); port 0 lets the system choose one that
  /// is free on all of them. Two more names are served: `closed.test` accepts connections and closes them at once,
  /// `refused.test` (in the hosts file) has no listener.
  ///
  /// - Throws: `EventLoopError.system` when a port that was asked for is in use.
  package static func start(
    _ site: Site, on loop: EventLoop, addresses: Int = 4, port: UInt16 = 0
  ) async throws -> TestWeb {
    let web = TestWeb(site: site, loop: loop)
    try await web.listen(addresses: min(addresses, site.hosts, 200), port: port)
    return web
  }

  /// Stops listening and ends all connections, held ones too.
  package func close() async {
    stallWatch?.cancel()
    stallWatch = nil
    for listener in listeners + furtherListeners { await listener.closeAll() }
    listeners = []
    furtherListeners = []
  }

  /// Serves at one more address, on the site's port.
  ///
  /// - Throws: `EventLoopError.system` when the port is in use there.
  func serve(at address: UInt32, _ service: some ServerProtocol) async throws {
    let address = SocketAddress.ipv4(address: address, port: site.port)
    furtherListeners.append(try await loop.listen(on: address, backlog: 4_096, service))
  }

  func serve(at address: UInt32) async throws { try await serve(at: address, Service(web: self)) }

  /// Every name of this web and its address, for the clients' resolvers.
  package var hostsFile: HostsFile {
    var file = HostsFile()
    for host in 0..<site.hosts { file.add(site.name(ofHost: host), at: "127.0.9.\(1 + host % addressCount)") }
    file.add("closed.test", at: "127.0.9.251")
    file.add("refused.test", at: "127.0.9.252")
    return file
  }

  private var addressCount: Int { max(1, listeners.count - 1) }

  private func listen(addresses: Int, port: UInt16) async throws {
    var attemptsLeft = 20
    while true {
      do {
        var chosen = port
        for last in 1...addresses {
          let address = SocketAddress.ipv4(address: 0x7F00_0900 + UInt32(last), port: chosen)
          let listener = try await loop.listen(on: address, backlog: 4_096, Service(web: self))
          listeners.append(listener)
          chosen = listener.address.port ?? chosen
        }
        listeners.append(
          try await loop.listen(on: .ipv4(address: 0x7F00_09FB, port: chosen), backlog: 4_096, ClosingService()))
        site.port = chosen
        return
      } catch {
        await close()
        attemptsLeft -= 1
        // The port that the system chose for the first address may be taken on another one: choose again.
        guard port == 0, attemptsLeft > 0 else { throw error }
      }
    }
  }

  fileprivate func nextConnection() -> Int {
    connections += 1
    return connections
  }
}

/// Closes what it accepts.
private struct ClosingService: ServerProtocol {
  func serve(_ connection: Connection) async throws {}
}

/// Serves one connection: request after request, each answered by its steps.
private struct Service: ServerProtocol {
  let web: TestWeb

  func serve(_ connection: Connection) async throws {
    let number = await web.nextConnection()
    var buffer: [UInt8] = []
    while true {
      switch RequestHead.read(buffer[...]) {
      case .malformed:
        var refusal = Response.text("no request\n", status: 400)
        refusal.closes = true
        return try await connection.write(refusal.serialised())
      case .incomplete:
        let received = try await connection.read(upTo: 16_384)
        if received.isEmpty { return }
        buffer += received
      case .complete(let head, let length):
        buffer.removeFirst(length)
        guard try await skip(head.contentLength, in: &buffer, of: connection) else { return }
        guard try await answer(head, on: connection, number: number), head.keepsAlive else { return }
      }
    }
  }

  /// Reads past the body of a request; false when the client ends first or sends more than anybody wants.
  private func skip(_ count: Int, in buffer: inout [UInt8], of connection: Connection) async throws -> Bool {
    guard count <= 1 << 20 else { return false }
    while buffer.count < count {
      let received = try await connection.read(upTo: 16_384)
      if received.isEmpty { return false }
      buffer += received
    }
    buffer.removeFirst(count)
    return true
  }

  /// True when the connection can serve another request.
  private func answer(_ head: RequestHead, on connection: Connection, number: Int) async throws -> Bool {
    if let response = await web.control(head) {
      try await connection.write(response.serialised())
      return true
    }
    let (index, steps) = await web.begin(head, connection: number)
    let status = WireStep.status(of: steps)
    for step in steps {
      switch step {
      case .send where head.method == "HEAD": return false
      case .hold:
        guard await held(connection) else {
          await web.answered(index, status: 0)
          return false
        }
      case .send, .sendForever, .trickle, .trickleForever, .close, .reset:
        guard try await step.take(on: connection) else {
          await web.answered(index, status: step == .reset ? 0 : status)
          return false
        }
      }
    }
    await web.answered(index, status: status)
    return true
  }

  /// Holds the request; false when the client left before the release. A client that sends more while it waits is taken
  /// as leaving, too.
  private func held(_ connection: Connection) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { [web] in
        await web.hold()
        return !Task.isCancelled
      }
      group.addTask {
        _ = try? await connection.read(upTo: 1)
        return false
      }
      let released = await group.next() ?? false
      group.cancelAll()
      return released
    }
  }
}
