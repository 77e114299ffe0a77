/// The fields of a complete header section that somebody needs: the database's columns, and what limits are judged by.
extension Transfer {
  /// One pass; the first of each name counts, but for codings and lengths, which add up, and types, which are joined:
  /// which of them counts is decided by who reads the body.
  func readFields() {
    let isRedirect = (300..<400).contains(status)
    var isLocationRead = false
    ResponseHeaders(bytes: headers).forEachField { name, value in
      switch name.count {
      case 4 where response.etag == nil && name.isToken("etag"):
        response.etag = clipped(value)
      case 8 where isRedirect && !isLocationRead && name.isToken("location"):
        isLocationRead = true
        if value.count <= maximumLocation { response.location = ResponseHeaders.location(value) }
      case 11 where response.retryAfter == nil && name.isToken("retry-after"):
        response.retryAfter = clipped(value)
      case 12 where name.isToken("content-type"):
        addContentType(clipped(value))
      case 13 where response.lastModified == nil && name.isToken("last-modified"):
        response.lastModified = clipped(value)
      case 14 where name.isToken("content-length"):
        announced.add(value)
      case 16 where name.isToken("content-encoding"):
        if response.contentEncoding == nil { response.contentEncoding = clipped(value) }
        countCodings(value)
      case 17 where name.isToken("transfer-encoding"):
        readTransferCodings(value)
      default: break
      }
      return true
    }
  }

  /// The last ones, as far as they fit.
  private func addContentType(_ value: String) {
    guard let before = response.contentType, before.utf8.count + value.utf8.count + 2 <= maximumField else {
      response.contentType = value
      return
    }
    response.contentType = before + ", " + value
  }

  /// libcurl would decode as many as five codings besides the chunks, and its option to leave them alone leaves the chunks
  /// in the body as well. Nobody asked for them (RFC 9112 section 7.4: TE), so they are refused before the body is read.
  private func readTransferCodings(_ value: Slice<UnsafeBufferPointer<UInt8>>) {
    hasTransferEncoding = true
    for coding in value.split(separator: UInt8(ascii: ",")) {
      let coding = ResponseHeaders.trimmed(coding)
      if coding.isToken("chunked") {
        isChunked = true
      } else if !coding.isEmpty, !coding.isToken("identity") {
        isTransferCoded = true
      }
    }
  }

  private func countCodings(_ value: Slice<UnsafeBufferPointer<UInt8>>) {
    for coding in value.split(separator: UInt8(ascii: ",")) {
      let coding = ResponseHeaders.trimmed(coding)
      guard !coding.isEmpty, !coding.isToken("identity") else { continue }
      contentCodings += 1
      if let coding = ContentCoding(coding) { codings.append(coding) }
    }
  }
}

/// The start of a value, which is never cut within a character of UTF-8. What is kept of a fetch must not grow with what
/// a server sends.
private func clipped(_ value: Slice<UnsafeBufferPointer<UInt8>>) -> String {
  guard value.count > maximumField else { return ResponseHeaders.text(value) }
  var end = value.startIndex + maximumField
  while end > value.startIndex + maximumField - 3, value[end] & 0xC0 == 0x80 { end -= 1 }
  return ResponseHeaders.text(value[..<end])
}

/// Bytes that are kept of a field's value.
private let maximumField = 1 << 10
/// Bytes of a Location: half of one is another URL, so a longer one is none.
private let maximumLocation = 16 << 10
