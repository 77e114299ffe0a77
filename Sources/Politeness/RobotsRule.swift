private import Glibc

/// One allow or disallow line. Its texts are ranges of the bytes that all rules of a robots.txt share.
struct RobotsRule: Sendable {
  private var canonicalStart: UInt32
  private var canonicalCount: UInt32
  private var writtenStart: UInt32
  private var writtenCount: UInt32
  /// The standard's measure of how specific a rule is (RFC 9309, section 2.2.2).
  let octets: UInt32
  let line: UInt32
  let allows: Bool
  private let isAnchored: Bool
  let form: RobotsPattern.Form

  /// Appends the texts of `pattern`, which is not empty, to `bytes`.
  init(allows: Bool, pattern: UnsafeBufferPointer<UInt8>, line: UInt32, bytes: inout [UInt8]) {
    self.allows = allows
    self.line = line
    writtenStart = UInt32(bytes.count)
    writtenCount = UInt32(pattern.count)
    bytes.append(contentsOf: pattern)
    let text = RobotsPattern(pattern)
    octets = text.octets
    isAnchored = text.isAnchored
    form = text.form
    canonicalCount = UInt32(text.bytes.count)
    if text.bytes.elementsEqual(pattern.prefix(text.bytes.count)) {
      canonicalStart = writtenStart
    } else {
      canonicalStart = UInt32(bytes.count)
      bytes.append(contentsOf: text.bytes)
    }
  }

  var written: Range<Int> { Int(writtenStart)..<Int(writtenStart) + Int(writtenCount) }

  /// This rule with its texts copied from `source` to the end of `bytes`.
  func moved(from source: [UInt8], to bytes: inout [UInt8]) -> RobotsRule {
    var rule = self
    rule.writtenStart = UInt32(bytes.count)
    bytes.append(contentsOf: source[written])
    if canonicalStart == writtenStart {
      rule.canonicalStart = rule.writtenStart
    } else {
      rule.canonicalStart = UInt32(bytes.count)
      bytes.append(contentsOf: source[Int(canonicalStart)..<Int(canonicalStart) + Int(canonicalCount)])
    }
    return rule
  }

  /// Adds to `work` what looking for the pattern's segments costs, in bytes compared.
  func matches(_ target: RobotsTarget, _ bytes: UnsafeBufferPointer<UInt8>, work: inout Int) -> Bool {
    let pattern = UnsafeBufferPointer(
      rebasing: bytes[Int(canonicalStart)..<Int(canonicalStart) + Int(canonicalCount)])
    return Self.matches(pattern, isAnchored: isAnchored, target[form], &work)
  }

  private typealias Bytes = UnsafeBufferPointer<UInt8>

  /// Leftmost match of every segment between wildcards: what one finds earliest leaves the most for the rest.
  /// Linear in both lengths, however many wildcards there are.
  private static func matches(_ pattern: Bytes, isAnchored: Bool, _ target: Bytes, _ work: inout Int) -> Bool {
    var end = segmentEnd(pattern, from: 0)
    guard starts(target, at: 0, with: pattern, 0..<end) else { return false }
    if end == pattern.count { return !isAnchored || target.count == end }
    var position = end
    while true {
      let start = end + 1
      end = segmentEnd(pattern, from: start)
      let count = end - start
      if end == pattern.count {
        guard isAnchored else {
          return count == 0 || find(pattern, start..<end, in: target, from: position, &work) != nil
        }
        return target.count - position >= count && starts(target, at: target.count - count, with: pattern, start..<end)
      }
      guard let found = find(pattern, start..<end, in: target, from: position, &work) else { return false }
      position = found + count
    }
  }

  private static func segmentEnd(_ pattern: Bytes, from start: Int) -> Int {
    guard start < pattern.count, let base = pattern.baseAddress,
      let star = memchr(base + start, CInt(RobotsPattern.wildcard), pattern.count - start)
    else { return pattern.count }
    return UnsafeRawPointer(star) - UnsafeRawPointer(base)
  }

  private static func starts(_ target: Bytes, at position: Int, with pattern: Bytes, _ range: Range<Int>) -> Bool {
    guard !range.isEmpty else { return true }
    guard target.count - position >= range.count, let left = target.baseAddress, let right = pattern.baseAddress else {
      return false
    }
    return memcmp(left + position, right + range.lowerBound, range.count) == 0
  }

  /// Where the segment first occurs at or after `position` (Knuth, Morris and Pratt). Linear in both lengths.
  private static func find(
    _ pattern: Bytes, _ range: Range<Int>, in target: Bytes, from position: Int, _ work: inout Int
  ) -> Int? {
    let count = range.count
    guard count > 0 else { return position }
    guard target.count - position >= count, let text = target.baseAddress, let base = pattern.baseAddress else {
      return nil
    }
    let segment = base + range.lowerBound
    // Looking for one byte is some 16 times as fast as comparing.
    let first = memchr(text + position, CInt(segment[0]), target.count - position)
    var index = first.map { UnsafeRawPointer($0) - UnsafeRawPointer(text) } ?? target.count
    work += (index - position) / 16 + 1
    if first == nil { return nil }
    if count == 1 { return index }
    guard target.count - index >= count else { return nil }
    let start = index
    defer { work += index - start + count }
    return withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { fallback in
      fallback[0] = 0
      var matched = 0
      for next in 1..<count {
        while matched > 0, segment[next] != segment[matched] { matched = Int(fallback[matched - 1]) }
        if segment[next] == segment[matched] { matched += 1 }
        fallback[next] = Int32(matched)
      }
      matched = 0
      while index < target.count {
        while matched > 0, text[index] != segment[matched] { matched = Int(fallback[matched - 1]) }
        if text[index] == segment[matched] { matched += 1 }
        index += 1
        if matched == count { return index - count }
      }
      return nil
    }
  }
}
