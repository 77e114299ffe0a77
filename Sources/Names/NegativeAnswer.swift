/// How long "does not exist" and "has no address" may be believed, by the answer that says so.
enum NegativeAnswer {
  private static let headBytes = 12
  private static let startOfAuthority = 6
  /// Five numbers behind two names, each of which has a byte at least.
  private static let shortestAuthority = 22

  /// The smaller of what the zone's SOA record gives for such answers and its own time to live (RFC 2308, section 5). Nil when
  /// the message has none, or is broken before it. Linear in the message.
  static func timeToLive(in message: UnsafeRawBufferPointer) -> Duration? {
    guard message.count >= headBytes else { return nil }
    let questions = message.number(at: 4, bytes: 2)
    let answers = message.number(at: 6, bytes: 2)
    let authorities = message.number(at: 8, bytes: 2)
    var position = headBytes
    for _ in 0..<questions {
      guard let end = message.end(ofNameAt: position) else { return nil }
      position = end + 4
    }
    for record in 0..<(answers + authorities) {
      // Type, class, time to live and length are in front of the data.
      guard let end = message.end(ofNameAt: position), end + 10 <= message.count else { return nil }
      let (start, length) = (end + 10, message.number(at: end + 8, bytes: 2))
      position = start + length
      guard position <= message.count else { return nil }
      guard record >= answers, message.number(at: end, bytes: 2) == startOfAuthority, length >= shortestAuthority else {
        continue
      }
      return .seconds(min(message.seconds(at: end + 4), message.seconds(at: position - 4)))
    }
    return nil
  }
}

extension UnsafeRawBufferPointer {
  /// Big-endian.
  fileprivate func number(at position: Int, bytes: Int) -> Int {
    self[position..<(position + bytes)].reduce(0) { $0 << 8 | Int($1) }
  }

  /// A time to live; one with the topmost bit is none (RFC 2181, section 8).
  fileprivate func seconds(at position: Int) -> Int {
    let seconds = number(at: position, bytes: 4)
    return seconds > Int32.max ? 0 : seconds
  }

  /// Behind a name, which ends with the root or with a pointer (RFC 1035, section 4.1.4).
  fileprivate func end(ofNameAt start: Int) -> Int? {
    var position = start
    while position < count {
      let length = Int(self[position])
      if length >= 0xC0 { return position + 2 }
      position += 1 + length
      if length == 0 { return position }
    }
    return nil
  }
}
