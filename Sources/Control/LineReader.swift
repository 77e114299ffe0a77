/// Cuts a stream of bytes into lines. Pure. Holds at most the limit and one chunk, whatever comes.
package struct LineReader {
  /// Bytes that are asked for in one read.
  package static let chunk = 16_384

  package enum Next: Equatable {
    case line([UInt8])
    /// A line longer than the limit has ended; its bytes are gone.
    case tooLong
    /// More bytes are needed.
    case incomplete
  }

  private let limit: Int
  private var buffer: [UInt8] = []
  /// Where the next line begins.
  private var start = 0
  /// How far it was searched for its end.
  private var searched = 0
  /// Whether the line's beginning was dropped, because the line is too long.
  private var isDropping = false

  package init(limit: Int) {
    self.limit = limit
  }

  /// Whether no byte of the next line has come.
  var isEmpty: Bool { start == buffer.count && !isDropping }

  package mutating func append(_ bytes: [UInt8]) {
    if start > 0 {
      buffer.removeFirst(start)
      searched -= start
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole line, without its line feed. O(bytes) over all calls.
  package mutating func next() -> Next {
    if let end = buffer[searched...].firstIndex(of: 0x0A) {
      defer {
        start = end + 1
        searched = start
        isDropping = false
      }
      return isDropping || end - start > limit ? .tooLong : .line(Array(buffer[start..<end]))
    }
    searched = buffer.count
    if isDropping || searched - start > limit {
      isDropping = true
      buffer.removeAll()
      start = 0
      searched = 0
    }
    return .incomplete
  }

  /// The bytes after the last line feed, when nothing follows them; nil when there are none, or too many.
  package mutating func takeRest() -> [UInt8]? {
    guard !isDropping, start < buffer.count else { return nil }
    defer { start = buffer.count }
    return Array(buffer[start...])
  }
}
