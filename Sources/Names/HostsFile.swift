package import Address
import Glibc

/// Names and addresses of a file in hosts(5) format: an address, its names, `#` comments. Read once.
package struct HostsFile {
  private var table: [String: [Address]] = [:]
  static let maximumBytes = 16 << 20

  init(path: String) throws(ResolverError) {
    try self.init(text: String(decoding: HostsFile.read(path), as: UTF8.self), path: path)
  }

  /// - Parameter path: what error sentences call the text.
  package init(text: String, path: String) throws(ResolverError) {
    var number = 0
    // Bytes, because a carriage return and a line feed are one Character.
    for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let words = line.prefix { $0 != UInt8(ascii: "#") }.split { isSpace($0) }.map { String(Substring($0)) }
      guard let first = words.first else { continue }
      guard let address = Address(first), words.count > 1 else {
        throw .invalidHostsLine(path: path, line: number, text: String(Substring(line).prefix(80)))
      }
      for name in words.dropFirst() { table[NameLookup.key(of: name), default: []].append(address) }
    }
  }

  /// The addresses of a name, in the file's order; nil when the file does not know it.
  package func addresses(of key: String) -> [Address]? { table[key] }

  private static func read(_ path: String) throws(ResolverError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path, errno) }
    defer { Glibc.close(descriptor) }
    var content: [UInt8] = []
    while true {
      let old = content.count
      var count = 0
      content.append(contentsOf: repeatElement(0, count: 65_536))
      count = content.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + old, 65_536) }
      guard count >= 0 else { throw unreadable(path, errno) }
      content.removeLast(65_536 - count)
      if count == 0 { return content }
      if content.count > maximumBytes {
        throw .unreadableHostsFile(path: path, reason: "it is larger than \(maximumBytes >> 20) MiB")
      }
    }
  }

  private static func unreadable(_ path: String, _ code: Int32) -> ResolverError {
    .unreadableHostsFile(path: path, reason: String(cString: strerror(code)))
  }
}

private func isSpace(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
}
