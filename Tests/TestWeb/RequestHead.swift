/// The head of an HTTP/1.1 request (RFC 9112), as far as the test web looks at it.
package struct RequestHead: Sendable, Equatable {
  package var method: String
  /// The request target, byte for byte as the client sent it.
  package var target: String
  /// The Host field without its port, in lower case; empty when there is none.
  package var host: String
  /// The client does not want the connection to be closed.
  package var keepsAlive: Bool
  /// Bytes of body that follow the head.
  package var contentLength: Int
  /// Fields in the order of arrival, names in lower case.
  package var fields: [Field]

  package struct Field: Sendable, Equatable {
    package var name: String
    package var value: String
  }

  /// What the bytes received so far amount to.
  package enum Reading: Sendable, Equatable {
    /// The blank line has not arrived.
    case incomplete
    /// A whole head, and how many bytes it took.
    case complete(RequestHead, length: Int)
    /// Nothing that HTTP calls a request.
    case malformed
  }

  /// The longest head that is read, in bytes.
  package static let longest = 64 * 1024

  package func value(of name: String) -> String? { fields.first { $0.name == name }?.value }

  /// Reads one head at the start of `bytes`. Linear in the length of the head.
  package static func read(_ bytes: ArraySlice<UInt8>) -> Reading {
    guard let end = endOfHead(bytes) else { return bytes.count > longest ? .malformed : .incomplete }
    let lines = bytes[bytes.startIndex..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    guard let first = lines.first else { return .malformed }
    let words = text(first).split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[2].hasPrefix("HTTP/1."), !words[0].isEmpty, !words[1].isEmpty else {
      return .malformed
    }
    var head = RequestHead(
      method: String(words[0]), target: String(words[1]), host: "", keepsAlive: words[2] == "HTTP/1.1",
      contentLength: 0,
      fields: [])
    for line in lines.dropFirst() where !(line.count == 1 && line.first == UInt8(ascii: "\r")) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return .malformed }
      let field = Field(name: text(line[..<colon]).lowercased(), value: trimmed(text(line[(colon + 1)...])))
      switch field.name {
      case "host": head.host = withoutPort(field.value.lowercased())
      case "connection": head.keepsAlive = field.value.lowercased() != "close" && head.keepsAlive
      case "content-length":
        guard let length = Int(field.value), length >= 0 else { return .malformed }
        head.contentLength = length
      default: break
      }
      head.fields.append(field)
    }
    return .complete(head, length: end - bytes.startIndex)
  }

  /// The index after the blank line that ends the head.
  private static func endOfHead(_ bytes: ArraySlice<UInt8>) -> Int? {
    var lineLength = 0
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: "\n"):
        if lineLength == 0, index > bytes.startIndex { return index + 1 }
        lineLength = 0
      case UInt8(ascii: "\r"): break
      default: lineLength += 1
      }
    }
    return nil
  }

  private static func text(_ bytes: some Collection<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    return text.last == "\r" ? String(text.dropLast()) : text
  }

  private static func trimmed(_ text: String) -> String {
    let bytes = text.utf8.drop { $0 == 32 || $0 == 9 }
    var end = bytes.endIndex
    while end > bytes.startIndex {
      let previous = bytes.index(before: end)
      guard bytes[previous] == 32 || bytes[previous] == 9 else { break }
      end = previous
    }
    return String(text[bytes.startIndex..<end])
  }

  private static func withoutPort(_ host: String) -> String {
    guard let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") else { return host }
    return String(host[..<colon])
  }
}
