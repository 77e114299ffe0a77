/// Every misbehaviour of the test web, by name; `/fault/<name>` answers with it, `/fault/<name>/<n>` where one counts.
///
/// A fault is data: the steps that the server takes on the wire (`Fault+Script.swift`).
package enum Fault: String, CaseIterable, Sendable {
  // Silence and broken connections
  case slowFirstByte = "slow-first-byte"
  case slowBody = "slow-body"
  case emptyReply = "empty-reply"
  case resetBeforeAnswer = "reset-before-answer"
  case resetMidBody = "reset-mid-body"
  case closesSilently = "closes-silently"
  // Framing
  case truncated
  case truncatedChunk = "truncated-chunk"
  case missingLastChunk = "missing-last-chunk"
  case badChunk = "bad-chunk"
  case hugeChunkSize = "huge-chunk-size"
  case longerThanDeclared = "longer-than-declared"
  case twoLengths = "two-lengths"
  case negativeLength = "negative-length"
  case lengthAndChunked = "length-and-chunked"
  case noLength = "no-length"
  case extraBytesAfter = "extra-bytes-after"
  // Heads
  case garbage
  case oldProtocol = "old-protocol"
  case badStatus = "bad-status"
  case statusLineOnly = "status-line-only"
  case nulInHeader = "nul-in-header"
  case foldedHeader = "folded-header"
  case hugeHeaders = "huge-headers"
  case endlessHeaders = "endless-headers"
  case earlyHints = "early-hints"
  case endlessContinue = "endless-continue"
  // Bodies
  case endlessBody = "endless-body"
  case gzipBomb = "gzip-bomb"
  case notGzip = "not-gzip"
  case emptyPage = "empty-page"
  case noContent = "no-content"
  case notModified = "not-modified"
  case binary
  case deepNesting = "deep-nesting"
  case manyLinks = "many-links"
  case longLink = "long-link"
  case terminalEscapes = "terminal-escapes"
  // Statuses
  case rateLimited = "rate-limited"
  case unavailable
  case serverError = "server-error"
  case gone
  case forbidden
  // Redirects
  case redirectWithoutLocation = "redirect-without-location"
  case redirectToItself = "redirect-to-itself"
  case redirectToScript = "redirect-to-script"
  case redirectToFile = "redirect-to-file"
  case redirectToMetadata = "redirect-to-metadata"
  case redirectToNonsense = "redirect-to-nonsense"

  package var target: String { "/fault/\(rawValue)" }
}

/// One thing that the server does on the wire.
package enum WireStep: Sendable, Equatable {
  case send([UInt8])
  /// Silence until the test releases what is held, or the client leaves.
  case hold
  /// The same bytes again and again until the client leaves.
  case sendForever([UInt8])
  /// Ends the connection in order (FIN).
  case close
  /// Ends the connection with a reset (RST).
  case reset
}
