extension URLParser {
  /// Path start state: behind an authority.
  mutating func parsePathStart(_ start: Int) {
    if isSlash(start) {
      parsePathAndRest(start + 1)
    } else if isSpecial {
      parsePathAndRest(start)
    } else {
      parseRest(start)
    }
  }

  /// Path state, then query and fragment. The segments are added to the path that the output ends in; `start` is behind
  /// the slash of the first one.
  mutating func parsePathAndRest(_ start: Int) {
    let end = parsePath(start)
    if components.host == .none, output.count > Int(components.pathStart) + 1 {
      insertSlashDotBeforeTwoSlashes()
    }
    parseRest(end)
  }

  /// Without a host a path that begins with two slashes would be read back as an authority.
  private mutating func insertSlashDotBeforeTwoSlashes() {
    let start = Int(components.pathStart)
    guard output.bytes[start] == .slash, output.bytes[start + 1] == .slash else { return }
    output.insertSlashDot(at: start)
    components.pathStart += 2
  }

  /// Adds the segments and returns where the query, the fragment or the end stands.
  private mutating func parsePath(_ start: Int) -> Int {
    let table = ByteClass.table
    let stop: ByteClass = isSpecial ? .endsSpecialSegment : .endsSegment
    let notable: ByteClass = [.pathEncoded, stop]
    output.reserve(3 * (input.count - min(start, input.count)) + 1)
    var position = start
    while true {
      let mark = output.count
      let segmentStart = position
      let bytes = output.bytes
      var written = mark
      bytes[written] = .slash
      written += 1
      while position < input.count {
        let byte = input[position]
        let classes = table[Int(byte)]
        if classes.isDisjoint(with: notable) {
          bytes[written] = byte
          written += 1
        } else if !classes.isDisjoint(with: stop) {
          break
        } else {
          bytes[written] = .percent
          bytes[written + 1] = .hexDigit(byte >> 4)
          bytes[written + 2] = .hexDigit(byte & 15)
          written += 3
        }
        position += 1
      }
      output.count = written
      let isLast = !isSlash(position)
      switch dots(segmentStart, position) {
      case 0:
        if components.scheme == .file, mark == Int(components.pathStart), isDriveLetter(segmentStart, position) {
          bytes[mark + 2] = .colon
        }
      case 1:
        output.count = isLast ? mark + 1 : mark
      default:
        output.count = mark
        shortenPath()
        if isLast { output.append(.slash) }
      }
      if isLast { return position }
      position += 1
    }
  }

  /// 1 for a single-dot and 2 for a double-dot segment, each dot also as `%2e`; 0 for any other.
  private func dots(_ start: Int, _ end: Int) -> Int {
    guard start < end, end - start <= 6 else { return 0 }
    var dots = 0
    var position = start
    while position < end {
      if input[position] == .dot {
        position += 1
      } else if input[position] == .percent, end - position >= 3, input[position + 1] == UInt8(ascii: "2"),
        input[position + 2] | 0x20 == UInt8(ascii: "e")
      {
        position += 3
      } else {
        return 0
      }
      dots += 1
    }
    return dots <= 2 ? dots : 0
  }

  /// Takes the last segment back, unless it is the drive letter that a file path begins with.
  mutating func shortenPath() {
    let start = Int(components.pathStart)
    let bytes = output.bytes
    if components.scheme == .file, output.count == start + 3, bytes[start + 1].isIn(.alpha),
      bytes[start + 2] == .colon
    {
      return
    }
    var end = output.count
    while end > start {
      end -= 1
      if bytes[end] == .slash { break }
    }
    output.count = end
  }

  // MARK: - Opaque path, query and fragment states

  mutating func parseOpaquePath(_ start: Int) {
    endWithoutAuthority()
    components.hasOpaquePath = true
    var end = start
    while end < input.count, input[end] != .question, input[end] != .numberSign { end += 1 }
    output.append(UnsafeBufferPointer(rebasing: input[start..<end]), encoding: .c0ControlEncoded)
    // A space before a query or a fragment would be lost if these were removed and the rest parsed again.
    if end < input.count, end > start, input[end - 1] == 0x20 {
      output.count -= 1
      output.append("%20")
    }
    parseRest(end)
  }

  /// The query and the fragment that begin at `start`, if any.
  mutating func parseRest(_ start: Int) {
    if byte(start) == .question {
      parseQuery(start)
    } else {
      components.queryStart = offset
      parseFragment(start)
    }
  }

  /// `start` is at the question mark.
  mutating func parseQuery(_ start: Int) {
    components.queryStart = offset
    output.append(.question)
    var end = start + 1
    while end < input.count, input[end] != .numberSign { end += 1 }
    let query = UnsafeBufferPointer(rebasing: input[(start + 1)..<end])
    let encoded: ByteClass = isSpecial ? .specialQueryEncoded : .queryEncoded
    if let queryEncoder, hasEncodedQuery {
      queryEncoder(query).withUnsafeBufferPointer { output.append($0, encoding: encoded) }
    } else {
      output.append(query, encoding: encoded)
    }
    parseFragment(end)
  }

  /// Whether the document's encoding is the query's as well.
  private var hasEncodedQuery: Bool {
    switch components.scheme {
    case .http, .https, .ftp, .file: true
    case .ws, .wss, .other: false
    }
  }

  /// `start` is at the number sign or the end.
  mutating func parseFragment(_ start: Int) {
    components.fragmentStart = offset
    if keepFragment, start < input.count {
      output.append(.numberSign)
      output.append(UnsafeBufferPointer(rebasing: input[(start + 1)...]), encoding: .fragmentEncoded)
    }
    components.end = offset
  }
}
