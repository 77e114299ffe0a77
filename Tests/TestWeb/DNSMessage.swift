package import Address

/// An answer of a name server, as far as a test wants to get it wrong (RFC 1035, section 4).
package struct DNSMessage: Sendable {
  package var id: [UInt8]
  /// Response, recursion desired and available.
  package var flags: UInt16 = 0x8180
  /// RCODE: 0 no error, 1 format error, 2 server failure, 3 no such name, 4 not implemented, 5 refused.
  package var code: UInt8 = 0
  /// Name, type and class that are repeated.
  package var question: [UInt8]
  package var records: [[UInt8]] = []
  /// Of the authority section.
  package var authorities: [[UInt8]] = []
  /// What the head says of the number of records, if not the truth.
  package var claimedRecords: Int?
  package var isTruncated = false
  package var after: [UInt8] = []

  package init(answering question: NameServer.Question) {
    id = Array(question.message[0..<2])
    self.question = Array(question.message[12..<DNSMessage.end(ofQuestionIn: question.message)])
  }

  package var bytes: [UInt8] {
    let flags = flags | (isTruncated ? 0x0200 : 0) | UInt16(code)
    let count = claimedRecords ?? records.count
    let head = id + [UInt8(flags >> 8), UInt8(flags & 0xFF), 0, question.isEmpty ? 0 : 1]
    return head + [UInt8(count >> 8), UInt8(count & 0xFF), 0, UInt8(authorities.count), 0, 0] + question
      + (records + authorities).flatMap { $0 } + after
  }

  /// Adds the SOA record of the zone, which says how long it holds that something is not there (RFC 2308).
  package mutating func addAuthority(minimum: UInt32, seconds: UInt32) {
    let names = DNSMessage.encoded("ns.test") + DNSMessage.encoded("admin.test")
    let data = names + [1, 3_600, 600, 86_400, minimum].flatMap { DNSMessage.bigEndian($0 as UInt32) }
    authorities.append(
      [0xC0, 12, 0, 6, 0, 1] + DNSMessage.bigEndian(seconds) + [0, UInt8(data.count)] + data)
  }

  /// Adds records of these addresses, which belong to the name that was asked for unless another owner is given.
  package mutating func add(_ addresses: [Address], owner: [UInt8] = [0xC0, 12], seconds: UInt32 = 60) {
    for address in addresses {
      let data: [UInt8] =
        switch address {
        case .v4(let value): DNSMessage.bigEndian(value)
        case .v6(let high, let low): DNSMessage.bigEndian(high) + DNSMessage.bigEndian(low)
        }
      add(type: address.isIPv6 ? 28 : 1, data: data, owner: owner, seconds: seconds)
    }
  }

  package mutating func addAlias(of other: String, owner: [UInt8] = [0xC0, 12], seconds: UInt32 = 60) {
    add(type: 5, data: DNSMessage.encoded(other), owner: owner, seconds: seconds)
  }

  package mutating func add(
    type: UInt8, data: [UInt8], owner: [UInt8] = [0xC0, 12], seconds: UInt32 = 60, length: Int? = nil
  ) {
    let length = length ?? data.count
    records.append(
      owner + [0, type, 0, 1] + DNSMessage.bigEndian(seconds) + [UInt8(length >> 8), UInt8(length & 0xFF)] + data)
  }

  package static func encoded(_ name: String) -> [UInt8] {
    name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }

  static func question(in bytes: [UInt8]) -> NameServer.Question {
    var labels: [String] = []
    var position = 12
    while position < bytes.count, bytes[position] != 0 {
      let end = min(position + 1 + Int(bytes[position]), bytes.count)
      labels.append(String(decoding: bytes[(position + 1)..<end], as: UTF8.self))
      position = end
    }
    let isIPv6 = position + 2 < bytes.count && bytes[position + 2] == 28
    return NameServer.Question(
      name: labels.joined(separator: ".").lowercased(), isIPv6: isIPv6, isStream: false, number: 1, message: bytes)
  }

  private static func end(ofQuestionIn bytes: [UInt8]) -> Int {
    var position = 12
    while position < bytes.count, bytes[position] != 0 { position += 1 + Int(bytes[position]) }
    return min(position + 5, bytes.count)
  }

  private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
}
