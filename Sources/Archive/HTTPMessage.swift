/// Header sections as records have them.
package enum HTTPMessage {
  /// The header section of a response whose decoded body has so many bytes.
  ///
  /// The body is no longer coded or in chunks. So Content-Encoding and Transfer-Encoding get the name that web archives give
  /// to what no longer holds, `X-Archive-Orig-…`, and so does a Content-Length that is another one; the length that holds
  /// comes at the end. A status line of HTTP/2 becomes one of HTTP/1.1, whose form it has. All else stays as it came.
  package static func response(_ section: [UInt8], bodySize: Int) -> [UInt8] {
    var lines = lines(of: section)
    var isChanged = false
    for (place, line) in lines.enumerated().dropFirst() {
      let isStale =
        hasName("content-encoding", line) || hasName("transfer-encoding", line)
        || hasName("content-length", line) && value(of: line) != Array(String(bodySize).utf8)
      guard isStale else { continue }
      lines[place] = Array("X-Archive-Orig-".utf8) + line
      isChanged = true
    }
    if isChanged {
      lines.removeAll { hasName("content-length", $0) }
      lines.append(Array("Content-Length: \(bodySize)\r\n".utf8))
    }
    return joined(lines)
  }

  /// A header section without a body: of a request, or of a 304.
  package static func bodiless(_ section: [UInt8]) -> [UInt8] { joined(lines(of: section)) }

  /// The URL that a request asked for, by its request line and its Host field; nil when it has neither.
  package static func target(of request: [UInt8], isTLS: Bool) -> String? {
    let lines = lines(of: request)
    let words = (lines.first ?? []).split(separator: space)
    guard words.count == 3 else { return nil }
    let target = String(decoding: words[1], as: UTF8.self)
    if !target.hasPrefix("/") { return target }
    guard let host = lines.first(where: { hasName("host", $0) }) else { return nil }
    return "\(isTLS ? "https" : "http")://\(String(decoding: value(of: host), as: UTF8.self))\(target)"
  }

  // MARK: Lines

  private static let space = UInt8(ascii: " ")
  private static let newLine = UInt8(ascii: "\n")

  /// The lines with their ends, without the empty one at the end; the first one as HTTP/1.1 has it.
  private static func lines(of section: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var start = 0
    for (place, byte) in section.enumerated() where byte == newLine {
      lines.append(Array(section[start...place]))
      start = place + 1
    }
    if start < section.count { lines.append(section[start...] + Array("\r\n".utf8)) }
    while let last = lines.last, last.allSatisfy({ $0 == newLine || $0 == UInt8(ascii: "\r") }) { lines.removeLast() }
    if !lines.isEmpty { lines[0] = inFormOfHTTP1(lines[0]) }
    return lines
  }

  /// A request line ends with its version, a status line begins with it.
  private static func inFormOfHTTP1(_ line: [UInt8]) -> [UInt8] {
    let (version, form) = (Array("HTTP/2".utf8), Array("HTTP/1.1".utf8))
    if line.starts(with: version) { return form + line.dropFirst(version.count) }
    let end = line.count - line.reversed().prefix { $0 <= space }.count
    guard line[..<end].suffix(version.count + 1).elementsEqual([space] + version) else { return line }
    return line[..<(end - version.count)] + form + line[end...]
  }

  private static func joined(_ lines: [[UInt8]]) -> [UInt8] { Array(lines.joined()) + Array("\r\n".utf8) }

  private static func hasName(_ name: StaticString, _ line: [UInt8]) -> Bool {
    let count = name.utf8CodeUnitCount
    guard line.count > count, line[count...].first(where: { $0 != space }) == UInt8(ascii: ":") else { return false }
    return (0..<count).allSatisfy { line[$0] | 0x20 == name.utf8Start[$0] }
  }

  private static func value(of line: [UInt8]) -> [UInt8] {
    let isWhite = { (byte: UInt8) in byte <= 0x20 }
    let value = line.drop { $0 != UInt8(ascii: ":") }.dropFirst().drop(while: isWhite)
    return Array(value.prefix(value.count - value.reversed().prefix(while: isWhite).count))
  }
}
