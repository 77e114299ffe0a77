/// Gathers the text of one element, or of the page, white space collapsed, up to a number of bytes. The page's has no hidden
/// characters.
struct TextCapture: ~Copyable {
  private let buffer: UnsafeMutablePointer<UInt8>
  private let limit: Int
  /// Whether white space beyond ASCII is collapsed too, and hidden characters are left out.
  private let collapsesAll: Bool
  private var count = 0
  private var hasPendingSpace = false
  private(set) var isOpen = false

  init(limit: Int, collapsesAll: Bool = false) {
    self.limit = max(limit, 0)
    self.collapsesAll = collapsesAll
    buffer = .allocate(capacity: self.limit + 1)
  }

  deinit { buffer.deallocate() }

  mutating func open() {
    count = 0
    hasPendingSpace = false
    isOpen = true
  }

  /// What follows is another word.
  @inline(__always)
  mutating func breakWord() { hasPendingSpace = true }

  /// Adds valid UTF-8 text.
  mutating func add(_ text: UnsafeBufferPointer<UInt8>) {
    guard let bytes = text.baseAddress else { return }
    var index = 0
    while index < text.count && count < limit {
      let byte = bytes[index]
      if Octet.isWhitespace(byte) {
        hasPendingSpace = true
        index &+= 1
        continue
      }
      if collapsesAll && byte >= 0xC2 && byte <= 0xE3 {
        let length = WhiteSpace.length(bytes, index, text.count)
        if length > 0 {
          hasPendingSpace = true
          index &+= length
          continue
        }
        let hidden = HiddenCharacter.length(bytes, index, text.count)
        if hidden > 0 {
          index &+= hidden
          continue
        }
      }
      index &+= 1
      if hasPendingSpace && count > 0 {
        buffer[count] = Octet.space
        count &+= 1
        guard count < limit else { break }
      }
      hasPendingSpace = false
      buffer[count] = byte
      count &+= 1
      index = addVisible(bytes, index, text.count)
    }
  }

  /// Adds the bytes from `start` on that are above white space, and ASCII where white space beyond it counts, eight at a
  /// time; the place behind them. Where there are fewer than eight, or room for fewer, it may stop before.
  @inline(__always)
  private mutating func addVisible(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var index = start
    while index &+ 8 <= end && count &+ 8 <= limit {
      let chunk = Octet.load8(bytes + index)
      let others = (Octet.visible(chunk) & (collapsesAll ? ~chunk : ~0)) ^ 0x8080_8080_8080_8080
      let length = others == 0 ? 8 : others.trailingZeroBitCount / 8
      Octet.store8(chunk, buffer + count)
      count &+= length
      index &+= length
      if length < 8 { break }
    }
    return index
  }

  /// The text so far, cut at a character; nil when there is none.
  mutating func close() -> String? {
    isOpen = false
    var end = count
    if end == limit { end = cutAtCharacter(end) }
    if end > 0 && buffer[end - 1] == Octet.space { end -= 1 }
    return end == 0 ? nil : String(decoding: UnsafeBufferPointer(start: buffer, count: end), as: UTF8.self)
  }

  /// The end of the last whole character before `end`.
  private func cutAtCharacter(_ end: Int) -> Int {
    var lead = end
    while lead > 0 && buffer[lead - 1] & 0xC0 == 0x80 { lead -= 1 }
    guard lead > 0 && buffer[lead - 1] >= 0xC0 else { return end }
    let length = buffer[lead - 1] >= 0xF0 ? 4 : buffer[lead - 1] >= 0xE0 ? 3 : 2
    return lead - 1 + length == end ? end : lead - 1
  }
}
