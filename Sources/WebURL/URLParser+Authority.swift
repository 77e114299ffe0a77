extension URLParser {
  /// Special authority slashes and special authority ignore slashes states.
  mutating func parseAuthorityAfterSlashes(_ start: Int) throws(WebURLError) {
    var start = start
    while isSlash(start) { start += 1 }
    try parseAuthority(start)
  }

  /// Authority, host and port states; then the path. The output ends in the scheme's colon.
  mutating func parseAuthority(_ start: Int) throws(WebURLError) {
    let stop: ByteClass = isSpecial ? .endsSpecialSegment : .endsSegment
    let table = ByteClass.table
    var end = start
    var at: Int?
    while end < input.count, table[Int(input[end])].isDisjoint(with: stop) {
      if input[end] == .at { at = end }
      end += 1
    }
    output.append(.slash)
    output.append(.slash)
    components.usernameEnd = offset
    var hostStart = start
    if let at {
      guard at + 1 < end else { throw .hostMissing }
      appendCredentials(start, at)
      hostStart = at + 1
    }
    components.hostStart = offset

    var hostEnd = hostStart
    var isInBrackets = false
    while hostEnd < end {
      let byte = input[hostEnd]
      if byte == .colon, !isInBrackets { break }
      if byte == UInt8(ascii: "[") { isInBrackets = true }
      if byte == UInt8(ascii: "]") { isInBrackets = false }
      hostEnd += 1
    }
    if hostEnd == hostStart, isSpecial || hostEnd < end { throw .hostMissing }
    try parseHost(UnsafeBufferPointer(rebasing: input[hostStart..<hostEnd]))
    components.hostEnd = offset
    if hostEnd < end { try parsePort(hostEnd + 1, end) }
    components.pathStart = offset
    parsePathStart(end)
  }

  /// What stands before the last at sign: all after the first colon is the password.
  private mutating func appendCredentials(_ start: Int, _ at: Int) {
    let colon = input[start..<at].firstIndex(of: .colon) ?? at
    output.append(UnsafeBufferPointer(rebasing: input[start..<colon]), encoding: .userinfoEncoded)
    let usernameEnd = offset
    if colon + 1 < at {
      output.append(.colon)
      output.append(UnsafeBufferPointer(rebasing: input[(colon + 1)..<at]), encoding: .userinfoEncoded)
    }
    guard offset > components.usernameEnd else { return }
    components.usernameEnd = usernameEnd
    output.append(.at)
  }

  private mutating func parsePort(_ start: Int, _ end: Int) throws(WebURLError) {
    var port: UInt32 = 0
    for position in start..<end {
      let digit = input[position] &- UInt8(ascii: "0")
      guard digit < 10 else { throw .portInvalid }
      port = min(port * 10 + UInt32(digit), 1 << 16)
    }
    guard port < 1 << 16 else { throw .portOutOfRange }
    guard start < end, components.scheme.defaultPort.map(UInt32.init) != port else { return }
    components.hasPort = true
    components.port = UInt16(port)
    output.append(.colon)
    output.append(String(port))
  }

  /// The serialised host goes to the output, its kind to the components.
  mutating func parseHost(_ text: UnsafeBufferPointer<UInt8>) throws(WebURLError) {
    components.host = try HostParser.parse(text, isSpecial: isSpecial, into: &output)
  }

  /// Leaves the host null.
  mutating func endWithoutAuthority() {
    components.usernameEnd = offset
    components.hostStart = offset
    components.hostEnd = offset
    components.pathStart = offset
  }
}
