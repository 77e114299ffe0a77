/// The header section of a request as it was sent.
package enum RequestHeaders {
  /// The same with `redacted` for the values of fields that hold secrets: a user's credentials, a proxy's, the cookies of a
  /// session. Linear.
  package static func redacted(_ section: [UInt8]) -> [UInt8] {
    if section.isEmpty { return [] }
    var result: [UInt8] = []
    result.reserveCapacity(section.count)
    for line in section.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      let name = line.prefix { $0 != UInt8(ascii: ":") }
      if name.count < line.count, secretFields.contains(where: { name.isToken($0) }) {
        result += name
        result += ": redacted\r".utf8
      } else {
        result += line
      }
      result.append(UInt8(ascii: "\n"))
    }
    return result
  }

  private static let secretFields: [StaticString] = ["authorization", "proxy-authorization", "cookie"]
}
