package import Address
package import EventLoop
import Glibc

/// A DNS server (RFC 1035) over UDP and TCP on the loop of a test: it answers what it is told to, and counts what it is
/// asked.
package final class NameServer: @unchecked Sendable {
  package struct Question: Sendable {
    package var name: String
    package var isIPv6: Bool
    /// Whether it came over TCP, where an answer may have 64 KiB.
    package var isStream: Bool
    /// Counts the questions for this name and type from 1.
    package var number: Int
    /// The question as it came.
    package var message: [UInt8]

    /// `name type`
    package var text: String { "\(name) \(isIPv6 ? "AAAA" : "A")" }
  }

  package enum Reply: Sendable {
    case addresses([Address], seconds: UInt32)
    /// The name is another one's alias; the addresses are that one's.
    case alias(of: String, [Address], seconds: UInt32)
    /// The name exists and has nothing of this type.
    case nothing
    case noSuchName
    /// With the SOA record of its zone: the minimum there, and the record's own time to live.
    case noSuchNameFor(minimum: UInt32, seconds: UInt32)
    case serverFailure
    /// Bytes that are no message.
    case garbage
    case silence
    /// These messages, one after the other.
    case messages([DNSMessage])
    /// These bytes in one message.
    case bytes([UInt8])
  }

  /// `name type` of each question, in order of arrival.
  package private(set) var questions: [String] = []
  package let port: UInt16
  /// Called with each question before it is answered.
  package var onQuestion: ((String) -> Void)?
  /// While true, questions are kept and answered later, by `release`.
  package var holds = false
  private let loop: EventLoop
  private let descriptor: Int32
  private var watch: Watch?
  private var listener: Listener?
  private let reply: (Question) -> Reply
  private var asked: [String: Int] = [:]
  private var held: [(bytes: [UInt8], peer: sockaddr_in)] = []

  /// - Throws: what watching the socket throws.
  package init(loop: EventLoop, reply: @escaping (Question) -> Reply) throws {
    self.loop = loop
    self.reply = reply
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = descriptor
    let isBound = withUnsafeMutableBytes(of: &address) { bytes in
      let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
      return bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
    }
    precondition(isBound, "no port on 127.0.0.1")
    port = UInt16(bigEndian: address.sin_port)
    watch = try loop.watch(descriptor, for: .readable) { [unowned self] _ in receive() }
  }

  /// One that answers over TCP as well. The system chooses a port for UDP; a client's connection may have it for TCP, and
  /// then another one is tried.
  ///
  /// - Throws: what watching or listening throws.
  package static func listening(on loop: EventLoop, reply: @escaping (Question) -> Reply) async throws -> NameServer {
    for _ in 0..<20 {
      let server = try NameServer(loop: loop, reply: reply)
      do {
        try await server.listen()
        return server
      } catch let error as EventLoopError where error.code == EADDRINUSE {
        await server.close()
      }
    }
    throw EventLoopError.system(call: "bind", code: EADDRINUSE)
  }

  /// Answers over TCP on the same port, too.
  private func listen() async throws {
    listener = try await loop.listen(on: .ipv4(address: 0x7F00_0001, port: port), StreamService(server: self))
  }

  package func close() async {
    onQuestion = nil
    watch?.cancel()
    await listener?.closeAll()
    _ = Glibc.close(descriptor)
  }

  /// Answers what was held.
  package func release() {
    holds = false
    for question in held { answer(question.bytes, question.peer) }
    held = []
  }

  private func receive() {
    while true {
      var buffer = [UInt8](repeating: 0, count: 1_024)
      var peer = sockaddr_in()
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let count = withUnsafeMutableBytes(of: &peer) {
        recvfrom(descriptor, &buffer, buffer.count, 0, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, &length)
      }
      guard count > 12 else { return }
      let bytes = Array(buffer.prefix(count))
      let text = DNSMessage.question(in: bytes).text
      questions.append(text)
      onQuestion?(text)
      if holds { held.append((bytes, peer)) } else { answer(bytes, peer) }
    }
  }

  private func answer(_ query: [UInt8], _ peer: sockaddr_in) {
    for message in messages(for: query, isStream: false) { send(message, peer) }
  }

  fileprivate func messages(for query: [UInt8], isStream: Bool) -> [[UInt8]] {
    var question = DNSMessage.question(in: query)
    asked[question.text, default: 0] += 1
    question.number = asked[question.text] ?? 1
    question.isStream = isStream
    var message = DNSMessage(answering: question)
    switch reply(question) {
    case .silence: return []
    case .garbage: return [[1, 2, 3]]
    case .bytes(let bytes): return [bytes]
    case .messages(let messages): return messages.map(\.bytes)
    case .addresses(let addresses, let seconds): message.add(addresses, seconds: seconds)
    case .alias(let other, let addresses, let seconds):
      message.addAlias(of: other, seconds: seconds)
      message.add(addresses, owner: DNSMessage.encoded(other), seconds: seconds &+ 100)
    case .nothing: break
    case .noSuchName: message.code = 3
    case .noSuchNameFor(let minimum, let seconds):
      message.code = 3
      // It is the zone of another name that the first one is an alias of.
      message.addAlias(of: "elsewhere.test")
      message.addAuthority(minimum: minimum, seconds: seconds)
    case .serverFailure: message.code = 2
    }
    return [message.bytes]
  }

  private func send(_ bytes: [UInt8], _ peer: sockaddr_in) {
    var peer = peer
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeBytes(of: &peer) {
      sendto(descriptor, bytes, bytes.count, 0, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, length)
    }
  }
}

/// Messages with their length before them (RFC 1035, section 4.2.2).
private struct StreamService: ServerProtocol {
  let server: NameServer

  func serve(_ connection: Connection) async throws {
    var buffer: [UInt8] = []
    while true {
      while buffer.count < 2 || buffer.count < 2 + length(buffer) {
        let received = try await connection.read(upTo: 4_096)
        if received.isEmpty { return }
        buffer += received
      }
      let query = Array(buffer[2..<(2 + length(buffer))])
      buffer.removeFirst(2 + query.count)
      guard query.count > 12 else { return }
      for message in server.messages(for: query, isStream: true) {
        try await connection.write([UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message)
      }
    }
  }

  private func length(_ buffer: [UInt8]) -> Int { Int(buffer[0]) << 8 | Int(buffer[1]) }
}
