package import EventLoop

/// A proxy that does as it is told and remembers it: HTTP (plain requests, and tunnels by CONNECT) and SOCKS5 (RFC 1928,
/// 1929) on one port. It knows the names that it is given and IPv4 literals.
package actor ProxyServer: LoopActor {
  package nonisolated let loop: EventLoop

  package struct Entry: Sendable, Equatable {
    /// GET, CONNECT or SOCKS.
    package var method: String
    /// As the client said it: a URL, or a host and a port.
    package var target: String
    /// The user and the password that came with it: `user:password` of SOCKS, the field's value of HTTP.
    package var authorization: String?
    package var fields: [RequestHead.Field] = []
  }

  package private(set) var log: [Entry] = []
  package private(set) var port: UInt16 = 0
  package private(set) var connections = 0
  private let names: [String: UInt32]
  /// What it wants to be sent: `user:password`; nil: nothing.
  private let credentials: String?
  /// What CONNECT is answered with instead of a tunnel.
  private var refusal: Int?
  /// Hosts to which it lets go of the connection instead of making a tunnel.
  private var droppedHosts: Set<String> = []
  /// Hosts that it waits for in vain.
  private var silentHosts: Set<String> = []
  /// Plain requests that it refuses to make, and how many times more.
  private var refusals: [String: Int] = [:]
  private var listener: Listener?

  package init(on loop: EventLoop, names: [String: UInt32], credentials: String? = nil) {
    self.loop = loop
    self.names = names
    self.credentials = credentials
  }

  /// Serves on 127.0.0.1; port 0 lets the system choose.
  ///
  /// - Throws: `EventLoopError.system` when the port is in use.
  package func listen(port: UInt16 = 0) async throws {
    let listener = try await loop.listen(on: .loopback(port: port), Service(proxy: self))
    self.listener = listener
    self.port = listener.address.port ?? 0
  }

  package func close() async {
    await listener?.closeAll()
    listener = nil
  }

  package func refuseTunnels(with status: Int?) { refusal = status }

  package func dropTunnels(to host: String) { droppedHosts.insert(host) }

  /// As if the host did not answer: it says nothing until the client goes.
  package func keepSilent(about host: String) { silentHosts.insert(host) }

  /// Answers 407 to plain requests for this URL so many times, with a cookie of its own.
  package func refuse(_ url: String, times: Int) { refusals[url] = times }

  package func resetLog() { log = [] }

  fileprivate func begin() { connections += 1 }

  fileprivate func note(_ entry: Entry) { log.append(entry) }

  /// The Proxy-Authorization field that it wants.
  fileprivate var field: String? { credentials.map { "Basic \(Base64.encode($0))" } }

  fileprivate var pair: String? { credentials }

  fileprivate var tunnelRefusal: Int? { refusal }

  fileprivate func drops(_ place: String) -> Bool { droppedHosts.contains(String(place.prefix { $0 != ":" })) }

  fileprivate func isSilent(about place: String) -> Bool { silentHosts.contains(String(place.prefix { $0 != ":" })) }

  fileprivate func refuses(_ url: String) -> Bool {
    guard let left = refusals[url], left > 0 else { return false }
    refusals[url] = left - 1
    return true
  }

  /// A connection to where `host:port` leads; nil when it leads nowhere.
  fileprivate func connect(_ place: Substring) async -> Connection? {
    let parts = place.split(separator: ":")
    guard parts.count == 2, let port = UInt16(parts[1]), let address = names[String(parts[0])] ?? Self.literal(parts[0])
    else { return nil }
    return try? await loop.connect(to: .ipv4(address: address, port: port))
  }

  private static func literal(_ text: Substring) -> UInt32? {
    let bytes = text.split(separator: ".").compactMap { UInt8($0) }
    return bytes.count == 4 ? bytes.reduce(0) { $0 << 8 | UInt32($1) } : nil
  }

  private struct Service: ServerProtocol {
    let proxy: ProxyServer

    func serve(_ connection: Connection) async throws {
      await proxy.begin()
      var client = Client(connection: connection, proxy: proxy)
      try await client.serve()
    }
  }
}

/// One connection of a client.
private struct Client {
  let connection: Connection
  let proxy: ProxyServer
  var buffer: [UInt8] = []

  init(connection: Connection, proxy: ProxyServer) {
    self.connection = connection
    self.proxy = proxy
  }

  mutating func serve() async throws {
    guard try await fill(1) else { return }
    if buffer[0] == 5 { return try await serveSOCKS() }
    while true {
      switch RequestHead.read(buffer[...]) {
      case .malformed: return
      case .incomplete: guard try await fill(buffer.count + 1) else { return }
      case .complete(let head, let length):
        buffer.removeFirst(length)
        guard try await answer(head) else { return }
      }
    }
  }

  /// Whether so many bytes are there.
  private mutating func fill(_ count: Int) async throws -> Bool {
    while buffer.count < count {
      let more = try await connection.read(upTo: 16_384)
      if more.isEmpty { return false }
      buffer += more
    }
    return true
  }

  private mutating func take(_ count: Int) async throws -> [UInt8] {
    guard try await fill(count) else { throw CancellationError() }
    defer { buffer.removeFirst(count) }
    return Array(buffer.prefix(count))
  }

  // MARK: HTTP

  /// True when the connection can serve another request.
  private func answer(_ head: RequestHead) async throws -> Bool {
    let authorization = head.value(of: "proxy-authorization")
    await proxy.note(
      ProxyServer.Entry(method: head.method, target: head.target, authorization: authorization, fields: head.fields))
    if let wanted = await proxy.field, wanted != authorization {
      return try await refuse(407, "Proxy-Authenticate: Basic realm=\"proxy\"")
    }
    if await proxy.refuses(head.target) {
      return try await refuse(407, "Proxy-Authenticate: Basic realm=\"proxy\"", "Set-Cookie: proxy=1; Path=/")
    }
    if head.method == "CONNECT" {
      if await proxy.isSilent(about: head.target) {
        try await untilItEnds()
        return false
      }
      if await proxy.drops(head.target) { return false }
      if let status = await proxy.tunnelRefusal { return try await refuse(status, "X-Proxy: refusal") }
      guard let server = await proxy.connect(head.target[...]) else {
        return try await refuse(502, "X-Proxy: no such host")
      }
      // Nothing of these lines is the server's.
      try await connection.write(
        "HTTP/1.1 200 Connected\r\nSet-Cookie: proxy=1\r\nContent-Length: 5\r\nETag: \"proxy\"\r\n\r\n")
      await splice(connection, server)
      return false
    }
    let rest = head.target.dropFirst("http://".count)
    let place = rest.prefix { $0 != "/" }
    guard head.target.hasPrefix("http://"), let server = await proxy.connect(place) else {
      return try await refuse(502, "X-Proxy: no such host")
    }
    var text = "\(head.method) \(rest.dropFirst(place.count)) HTTP/1.1\r\nConnection: close\r\n"
    for field in head.fields where !field.name.hasPrefix("proxy-") { text += "\(field.name): \(field.value)\r\n" }
    try await server.write(text + "\r\n")
    while true {
      let more = try await server.read(upTo: 65_536)
      if more.isEmpty { break }
      try await connection.write(more)
    }
    server.close()
    return true
  }

  private func untilItEnds() async throws {
    while try await !connection.read(upTo: 1_024).isEmpty {}
  }

  private func refuse(_ status: Int, _ fields: String...) async throws -> Bool {
    try await connection.write(Response(status: status, fields: fields, body: Array("no\n".utf8)).serialised())
    return true
  }

  // MARK: SOCKS

  private mutating func serveSOCKS() async throws {
    let methods = try await take(Int(try await take(2)[1]))
    var authorization: String?
    if let pair = await proxy.pair {
      guard methods.contains(2) else { return try await connection.write([5, 0xFF]) }
      try await connection.write([5, 2])
      let user = try await take(Int(try await take(2)[1]))
      let password = try await take(Int(try await take(1)[0]))
      authorization = String(decoding: user + [UInt8(ascii: ":")] + password, as: UTF8.self)
      try await connection.write([1, authorization == pair ? 0 : 1])
      if authorization != pair {
        await proxy.note(ProxyServer.Entry(method: "SOCKS", target: "", authorization: authorization))
        return
      }
    } else {
      try await connection.write([5, 0])
    }
    let request = try await take(4)
    let host: String
    switch request[3] {
    case 1: host = try await take(4).map(String.init).joined(separator: ".")
    case 3: host = String(decoding: try await take(Int(try await take(1)[0])), as: UTF8.self)
    default: return try await connection.write([5, 8, 0, 1, 0, 0, 0, 0, 0, 0])
    }
    let port = try await take(2).reduce(0) { $0 << 8 | Int($1) }
    await proxy.note(ProxyServer.Entry(method: "SOCKS", target: "\(host):\(port)", authorization: authorization))
    if await proxy.isSilent(about: host) { return try await untilItEnds() }
    if await proxy.drops(host) { return }
    guard let server = await proxy.connect("\(host):\(port)") else {
      return try await connection.write([5, 4, 0, 1, 0, 0, 0, 0, 0, 0])
    }
    try await connection.write([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    if !buffer.isEmpty { try await server.write(buffer) }
    await splice(connection, server)
  }
}

/// Hands bytes through until either side ends.
private func splice(_ client: Connection, _ server: Connection) async {
  await withTaskGroup(of: Void.self) { group in
    for (source, target) in [(client, server), (server, client)] {
      group.addTask {
        while let more = try? await source.read(upTo: 65_536), !more.isEmpty {
          guard (try? await target.write(more)) != nil else { return }
        }
      }
    }
    await group.next()
    group.cancelAll()
  }
  server.close()
}

/// RFC 4648, section 4.
enum Base64 {
  static func encode(_ text: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let bytes = Array(text.utf8)
    var encoded = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
      for place in 0..<4 {
        encoded.append(place <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)] : "=")
      }
    }
    return encoded
  }
}
