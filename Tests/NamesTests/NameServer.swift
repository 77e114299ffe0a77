import Address
import EventLoop
import Glibc

/// A DNS server over UDP on the loop of a test: answers from a table, counts what it is asked.
final class NameServer: @unchecked Sendable {
  enum Reply {
    case addresses([Address], seconds: UInt32)
    /// The name is another one's alias; the addresses are that one's.
    case alias(of: String, [Address], seconds: UInt32)
    /// The name exists and has nothing of this type.
    case nothing
    case noSuchName
    case serverFailure
    /// Bytes that are no message.
    case garbage
    case silence
  }

  /// `name type` of each question, in order of arrival.
  private(set) var questions: [String] = []
  let port: UInt16
  /// Called with each question before it is answered.
  var onQuestion: ((String) -> Void)?
  private let descriptor: Int32
  private var watch: Watch?
  private let reply: (_ name: String, _ isIPv6: Bool) -> Reply
  private var held: [(bytes: [UInt8], peer: sockaddr_in)] = []
  /// While true, questions are kept and answered later, by `release`.
  var holds = false

  init(loop: EventLoop, reply: @escaping (_ name: String, _ isIPv6: Bool) -> Reply) throws {
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

  func close() {
    onQuestion = nil
    watch?.cancel()
    _ = Glibc.close(descriptor)
  }

  /// Answers what was held.
  func release() {
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
      let (name, isIPv6, _) = NameServer.question(bytes)
      let text = "\(name) \(isIPv6 ? "AAAA" : "A")"
      questions.append(text)
      onQuestion?(text)
      if holds { held.append((bytes, peer)) } else { answer(bytes, peer) }
    }
  }

  private func answer(_ query: [UInt8], _ peer: sockaddr_in) {
    let (name, isIPv6, end) = NameServer.question(query)
    let reply = reply(name, isIPv6)
    var code: UInt8 = 0
    var records: [[UInt8]] = []
    func add(_ addresses: [Address], owner: [UInt8], seconds: UInt32) {
      for address in addresses {
        let data: [UInt8] =
          switch address {
          case .v4(let value): bigEndian(value)
          case .v6(let high, let low): bigEndian(high) + bigEndian(low)
          }
        let type: [UInt8] = address.isIPv6 ? [0, 28] : [0, 1]
        records.append(owner + type + [0, 1] + bigEndian(seconds) + [0, UInt8(data.count)] + data)
      }
    }
    switch reply {
    case .silence: return
    case .garbage: return send([1, 2, 3], peer)
    case .addresses(let addresses, let seconds): add(addresses, owner: [0xC0, 12], seconds: seconds)
    case .alias(let other, let addresses, let seconds):
      let owner = NameServer.encoded(other)
      records.append([0xC0, 12, 0, 5, 0, 1] + bigEndian(seconds) + [0, UInt8(owner.count)] + owner)
      add(addresses, owner: owner, seconds: seconds &+ 100)
    case .nothing: break
    case .noSuchName: code = 3
    case .serverFailure: code = 2
    }
    let head = query[0..<2] + [0x81, 0x80 | code, 0, 1, 0, UInt8(records.count), 0, 0, 0, 0]
    send(head + query[12..<end] + records.flatMap { $0 }, peer)
  }

  private func send(_ bytes: [UInt8], _ peer: sockaddr_in) {
    var peer = peer
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeBytes(of: &peer) {
      sendto(descriptor, bytes, bytes.count, 0, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, length)
    }
  }

  private static func question(_ bytes: [UInt8]) -> (name: String, isIPv6: Bool, end: Int) {
    var labels: [String] = []
    var position = 12
    while position < bytes.count, bytes[position] != 0 {
      let end = position + 1 + Int(bytes[position])
      labels.append(String(decoding: bytes[(position + 1)..<end], as: UTF8.self))
      position = end
    }
    return (labels.joined(separator: "."), bytes[position + 2] == 28, position + 5)
  }

  private static func encoded(_ name: String) -> [UInt8] {
    name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }
}

private func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.bigEndian) { Array($0) }
}
