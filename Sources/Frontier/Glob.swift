internal import Glibc
internal import WebURL

/// A pattern over whole URLs: `*` matches any characters within a path segment, `**` any characters at all. It is compared
/// with the canonical form of a URL, and brought into that form itself: `/ü`, `/%c3%bc` and `/%C3%BC` are one.
///
/// A pattern is texts with asterisks between them. The text that it begins with and the one that it ends with are compared
/// first; each of the others is looked for behind the one before it, and the first place is the best: from there whatever
/// follows may be reached that may be from a later one. Only behind `*` a later one may help, in a later segment: then the
/// search goes on there with the text behind the last `**`. So matching is linear in the text whatever the number of `**`,
/// and takes at most pattern × text steps.
package struct Glob: Hashable, Sendable, CustomStringConvertible {
  fileprivate enum Gap: Hashable, Sendable {
    /// The pattern's begin.
    case none
    case withinSegment
    case acrossSegments
  }

  /// A text and what is before it. Only the first and the last one may be empty.
  fileprivate struct Piece: Hashable, Sendable {
    var gap: Gap
    /// In the pattern's `bytes`.
    var range: Range<Int>
  }

  package let description: String
  private let bytes: [UInt8]
  private let pieces: [Piece]
  fileprivate let pairs: BytePairs

  package init(_ pattern: String) {
    description = pattern
    var bytes: [UInt8] = []
    var pieces = [Piece(gap: .none, range: 0..<0)]
    var pairs = BytePairs()
    var isBehindAsterisk = false
    for byte in Self.comparable(pattern) {
      let last = pieces.count - 1
      if byte != .asterisk {
        if let before = bytes.last, !pieces[last].range.isEmpty { pairs.insert(before, byte) }
        bytes.append(byte)
        pieces[last].range = pieces[last].range.lowerBound..<bytes.count
      } else if isBehindAsterisk {
        pieces[last].gap = .acrossSegments
      } else {
        pieces.append(Piece(gap: .withinSegment, range: bytes.count..<bytes.count))
      }
      isBehindAsterisk = byte == .asterisk
    }
    (self.bytes, self.pieces, self.pairs) = (bytes, pieces, pairs)
  }

  /// A pattern as it is compared. A host that is not written in ASCII becomes Punycode, if it is all there.
  private static func comparable(_ pattern: String) -> [UInt8] {
    let bytes = Array(pattern.utf8)
    guard bytes.contains(where: { $0 >= 0x80 || $0 == UInt8(ascii: "%") }) else { return bytes }
    let separator = Array("://".utf8)
    let scheme = bytes.prefix { $0 != UInt8(ascii: ":") && $0 != .slash }
    let start = bytes[scheme.endIndex...].starts(with: separator) ? scheme.endIndex + separator.count : 0
    let authority = start == 0 ? [] : bytes[start...].prefix { $0 != .slash }
    let end = start + authority.count
    var head = bytes[..<end]
    if authority.contains(where: { $0 >= 0x80 }), !authority.contains(.asterisk) {
      guard let url = WebURL("http://" + String(decoding: authority, as: UTF8.self)) else { return bytes }
      head = bytes[..<start] + url.hostAndPort.utf8
    }
    return head + WebURL.canonicalPart(bytes[end...])
  }

  /// Whether the pattern matches the whole text, a canonical URL.
  package func matches(_ text: String) -> Bool {
    var work = 0
    return text.utf8.span.withUnsafeBufferPointer { matches($0, work: &work) }
  }

  /// As above. Adds to `work` what it has cost, in steps of about a nanosecond.
  fileprivate func matches(_ text: UnsafeBufferPointer<UInt8>, work: inout Int) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      pieces.withUnsafeBufferPointer { pieces in
        var search = GlobSearch(bytes: bytes, pieces: pieces, text: text)
        defer { work += search.work }
        return search.matches()
      }
    }
  }

  /// Why no URL of http or https matches it, whatever follows its scheme; nil when one may.
  package var flaw: String? {
    if bytes.contains(where: { $0 <= UInt8(ascii: " ") || $0 >= 0x7F || "\"<>".utf8.contains($0) }) {
      return "has a character that URLs have in percent-encoding alone, or hosts in Punycode"
    }
    let pattern = Array(description.utf8)
    let mayBegin = ["http://", "https://"].contains { Self.mayGoOn(after: Array($0.utf8)[...], pattern[...]) }
    return mayBegin ? nil : "can match no URL, since patterns are for whole URLs, as '**.html'"
  }

  /// Whether something of the pattern is left when it has matched the text, which is short.
  private static func mayGoOn(after text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    guard let byte = text.first else { return !pattern.isEmpty }
    guard pattern.first == .asterisk else {
      return pattern.first == byte && mayGoOn(after: text.dropFirst(), pattern.dropFirst())
    }
    let rest = pattern.drop { $0 == .asterisk }
    let mayTake = byte != .slash || rest.startIndex - pattern.startIndex > 1
    return mayGoOn(after: text, rest) || mayTake && mayGoOn(after: text.dropFirst(), pattern)
  }
}

extension [Glob] {
  /// What a pattern costs that lacks something of the text or has something else than it.
  private static var workPerPattern: Int { 4 }

  /// Whether one of the patterns matches the whole text. Adds to `work` what it has cost, in steps of about a nanosecond.
  package func anyMatches(_ text: UnsafeBufferPointer<UInt8>, work: inout Int) -> Bool {
    if isEmpty { return false }
    let pairs = BytePairs(of: text)
    work += text.count + count * Self.workPerPattern
    return withUnsafeBufferPointer { patterns in
      for place in patterns.indices where pairs.contain(patterns[place].pairs) {
        if patterns[place].matches(text, work: &work) { return true }
      }
      return false
    }
  }
}

/// One comparison of a pattern with a text.
private struct GlobSearch {
  let bytes: UnsafeBufferPointer<UInt8>
  let pieces: UnsafeBufferPointer<Glob.Piece>
  let text: UnsafeBufferPointer<UInt8>
  private(set) var work = 0
  /// What one look for a text costs besides the bytes that it passes.
  private static let workPerSearch = 10

  init(
    bytes: UnsafeBufferPointer<UInt8>, pieces: UnsafeBufferPointer<Glob.Piece>, text: UnsafeBufferPointer<UInt8>
  ) {
    (self.bytes, self.pieces, self.text) = (bytes, pieces, text)
  }

  mutating func matches() -> Bool {
    work += Self.workPerSearch
    let last = pieces.count - 1
    guard text.count >= bytes.count, hasPiece(0, at: 0), hasPiece(last, at: text.count - pieces[last].range.count)
    else { return false }
    if last == 0 { return text.count == bytes.count }
    /// The piece that is looked for, and where the one before it ends.
    var (piece, end) = (1, pieces[0].range.count)
    /// The last piece behind `**`, and where it ends.
    var anchor: (piece: Int, end: Int)?
    while piece <= last {
      if let start = find(piece, from: end) {
        end = start + pieces[piece].range.count
        if pieces[piece].gap == .acrossSegments { anchor = (piece, end) }
        piece += 1
        continue
      }
      guard pieces[piece].gap == .withinSegment, let earlier = anchor, let slash = slash(from: earlier.end)
      else { return false }
      // In the same segment it would stand no better.
      piece = earlier.piece
      end = slash + 1 - pieces[piece].range.count
    }
    return true
  }

  private func hasPiece(_ piece: Int, at start: Int) -> Bool {
    let range = pieces[piece].range
    guard !range.isEmpty, let text = text.baseAddress, let bytes = bytes.baseAddress else { return true }
    return memcmp(text + start, bytes + range.lowerBound, range.count) == 0
  }

  /// Where the piece begins first, at `start` or behind it and as far as its asterisks reach; the last one stands at the
  /// end alone.
  private mutating func find(_ piece: Int, from start: Int) -> Int? {
    work += Self.workPerSearch
    let range = pieces[piece].range
    let isBound = pieces[piece].gap == .withinSegment
    if piece == pieces.count - 1 {
      let place = text.count - range.count
      guard start <= place else { return nil }
      return isBound && slash(from: start).map { $0 < place } ?? false ? nil : place
    }
    let end = isBound ? slash(from: start).map { min($0 + range.count, text.count) } ?? text.count : text.count
    return place(of: UnsafeBufferPointer(rebasing: bytes[range]), from: start, to: end)
  }

  /// Where a text that is not empty stands first between two places.
  private mutating func place(of piece: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Int? {
    guard let text = text.baseAddress, let bytes = piece.baseAddress else { return nil }
    var start = start
    while start + piece.count <= end {
      let found = memchr(text + start, CInt(piece[0]), end - piece.count + 1 - start)
      let place = found.map { UnsafeRawPointer($0) - UnsafeRawPointer(text) }
      // Sixteen bytes at once.
      work += ((place ?? end) - start) / 16
      guard let place else { return nil }
      work += Self.workPerSearch + piece.count / 16
      if memcmp(text + place, bytes, piece.count) == 0 { return place }
      start = place + 1
    }
    return nil
  }

  /// The first slash, at `start` or behind it.
  private mutating func slash(from start: Int) -> Int? {
    guard start < text.count, let base = text.baseAddress else { return nil }
    let found = memchr(base + start, CInt(UInt8.slash), text.count - start)
    let place = found.map { UnsafeRawPointer($0) - UnsafeRawPointer(base) }
    work += ((place ?? text.count) - start) / 16
    return place
  }
}

/// Which pairs of neighbouring bytes a text has, by hashes: most patterns have one that a URL lacks.
private struct BytePairs: Hashable, Sendable {
  private var words = SIMD8<UInt64>()

  init() {}

  init(of text: UnsafeBufferPointer<UInt8>) {
    guard var before = text.first else { return }
    withUnsafeMutableBytes(of: &words) { words in
      let words = words.assumingMemoryBound(to: UInt64.self)
      for byte in text.dropFirst() {
        let hash = Self.hash(before, byte)
        words[hash >> 6] |= 1 << UInt64(hash & 63)
        before = byte
      }
    }
  }

  mutating func insert(_ first: UInt8, _ second: UInt8) {
    let hash = Self.hash(first, second)
    words[hash >> 6] |= 1 << UInt64(hash & 63)
  }

  /// Whether none of the others is missing; some that are may seem to be there.
  func contain(_ others: BytePairs) -> Bool { others.words & ~words == SIMD8() }

  private static func hash(_ first: UInt8, _ second: UInt8) -> Int { (Int(first) &* 37 ^ Int(second)) & 511 }
}

extension UInt8 {
  fileprivate static let asterisk = UInt8(ascii: "*")
  fileprivate static let slash = UInt8(ascii: "/")
}
