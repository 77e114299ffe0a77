extension URLParser {
  /// File, file slash and file host states. The output ends in the scheme's colon.
  mutating func parseFile(_ start: Int) throws(WebURLError) {
    output.append(.slash)
    output.append(.slash)
    components.usernameEnd = offset
    components.hostStart = offset
    let base = base?.scheme == .file ? base : nil

    if isSlash(start) {
      if isSlash(start + 1) { return try parseFileHost(start + 2) }
      copyFileHost(base)
      if let base, !startsWithDriveLetter(start + 1), let drive = driveLetter(base) {
        output.append(.slash)
        output.append(drive)
        output.append(.colon)
      }
      return parsePathAndRest(start + 1)
    }
    copyFileHost(base)
    guard let base else { return parsePathAndRest(start) }
    switch byte(start) {
    case nil, .numberSign?:
      copy(base, base.pathStart, base.queryStart)
      components.queryStart = offset
      copy(base, base.queryStart, base.fragmentStart)
      parseFragment(start)
    case .question?:
      copy(base, base.pathStart, base.queryStart)
      parseQuery(start)
    default:
      if !startsWithDriveLetter(start) {
        copy(base, base.pathStart, base.queryStart)
        shortenPath()
      }
      parsePathAndRest(start)
    }
  }

  private mutating func parseFileHost(_ start: Int) throws(WebURLError) {
    var end = start
    while end < input.count, !input[end].isIn(.endsSpecialSegment) { end += 1 }
    components.host = .empty
    if isDriveLetter(start, end) {
      endFileHost()
      return parsePathAndRest(start)
    }
    if start < end {
      try parseHost(UnsafeBufferPointer(rebasing: input[start..<end]))
      let host = UnsafeBufferPointer(
        start: output.bytes + Int(components.hostStart), count: output.count - Int(components.hostStart))
      if host.elementsEqual("localhost".utf8) {
        output.count = Int(components.hostStart)
        components.host = .empty
      }
    }
    endFileHost()
    parsePathStart(end)
  }

  private mutating func copyFileHost(_ base: Components?) {
    components.host = base?.host ?? .empty
    if let base { copy(base, base.hostStart, base.hostEnd) }
    endFileHost()
  }

  private mutating func endFileHost() {
    components.hostEnd = offset
    components.pathStart = offset
  }

  /// The letter of a normalised Windows drive letter that the base's path begins with.
  private func driveLetter(_ base: Components) -> UInt8? {
    let path = UnsafeBufferPointer(rebasing: baseHref[Int(base.pathStart)..<Int(base.queryStart)])
    guard path.count >= 3, path[1].isIn(.alpha), path[2] == .colon, path.count == 3 || path[3] == .slash else {
      return nil
    }
    return path[1]
  }

  /// Whether the input from `start` to `end` is a Windows drive letter: a letter, then a colon or a vertical line.
  func isDriveLetter(_ start: Int, _ end: Int) -> Bool {
    end - start == 2 && input[start].isIn(.alpha)
      && (input[start + 1] == .colon || input[start + 1] == UInt8(ascii: "|"))
  }

  private func startsWithDriveLetter(_ start: Int) -> Bool {
    guard start + 2 <= input.count, isDriveLetter(start, start + 2) else { return false }
    return start + 2 == input.count || input[start + 2].isIn(.endsSpecialSegment)
  }
}
