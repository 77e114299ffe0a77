// The room Archive: fetches as the records of a WARC file (ISO 28500:2017, WARC 1.1), which every web archive reads.
//
// - Pure: header sections and bodies in, bytes out. It knows neither a database nor a file, and keeps one record in memory
//   at a time. The same fetches give the same records, ids included.
// - Bodies come decoded, so a header section that speaks of a coding, of chunks, or of another length is changed as web
//   archives do it: see `HTTPMessage`. Everything else is written as it was received.
// - A body that the file has already is a revisit record, which names the response that has it.

/// One record.
package struct WARCRecord: Sendable {
  package enum Kind: String, Sendable {
    case warcinfo, request, response, revisit, metadata
  }

  package let kind: Kind
  package let id: RecordID
  /// The named fields after the first ones, in order.
  package private(set) var fields: [(name: String, value: String)] = []
  package let block: [UInt8]

  /// - Parameter time: ISO 8601 with as many digits as are known (section 5.4).
  package init(_ kind: Kind, id: RecordID, time: String, contentType: String, block: [UInt8]) {
    self.kind = kind
    self.id = id
    self.block = block
    fields = [("WARC-Date", time), ("Content-Type", contentType)]
  }

  /// Adds a field. Line breaks and other controls, which could begin a field of their own, become spaces.
  package mutating func add(_ name: String, _ value: String?) {
    guard let value else { return }
    fields.append((name, String(String.UnicodeScalarView(value.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))))
  }

  /// The whole record, its block's digest and length included (section 4).
  package var bytes: [UInt8] {
    var header = "WARC/1.1\r\nWARC-Type: \(kind.rawValue)\r\nWARC-Record-ID: \(id.text)\r\n"
    for (name, value) in fields { header += "\(name): \(value)\r\n" }
    header += "WARC-Block-Digest: \(RecordDigest.labelled(block))\r\nContent-Length: \(block.count)\r\n\r\n"
    var bytes: [UInt8] = []
    bytes.reserveCapacity(header.utf8.count + block.count + 4)
    bytes += header.utf8
    bytes += block
    bytes += "\r\n\r\n".utf8
    return bytes
  }
}

/// The id of a record: always the same for the same name in the same database.
package struct RecordID: Sendable, Equatable {
  /// `<urn:uuid:…>`
  package let text: String

  /// A UUID of version 5 (RFC 9562, section 5.5): SHA-1 of a name space and a name.
  package init(namespace: [UInt8], name: String) {
    var digest = RecordDigest.sha1(namespace + Array(name.utf8))
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    var hexadecimal = Array(RecordDigest.hexadecimal(digest.prefix(16)))
    for place in [20, 16, 12, 8] { hexadecimal.insert("-", at: place) }
    text = "<urn:uuid:\(String(hexadecimal))>"
  }
}
