internal import WebURL

/// Rules against URL spaces without an end: calendars, session ids in paths, relative links that nest.
enum Traps {
  static let maxLength = 2_048
  static let maxSegments = 64
  static let maxEqualSegments = 4
  static let maxEqualPairs = 3

  /// The rule that the URL breaks. Linear in the path's length, with at most 64 comparisons per segment.
  static func verdict(_ url: WebURL) -> ExclusionReason? {
    if url.href.utf8.count > maxLength { return .trapLength }
    return url.withPath { path in
      // A segment begins with a slash, so that few paths have enough of them to look closer.
      var slashes = 0
      for byte in path where byte == UInt8(ascii: "/") { slashes &+= 1 }
      guard slashes >= maxEqualSegments else { return nil }
      let segments = path.split(separator: UInt8(ascii: "/"), maxSplits: maxSegments + 1)
      if segments.count > maxSegments { return .trapSegments }
      guard segments.count >= maxEqualSegments else { return nil }
      return repeatsOne(segments) || repeatsPair(segments) ? .trapRepeat : nil
    }
  }

  /// What repeats itself in a path, for people: `“a” 4 times`; nil when nothing does so often.
  static func repetition(in path: String) -> String? {
    let segments = path.split(separator: "/")
    var counts: [Substring: Int] = [:]
    for segment in segments { counts[segment, default: 0] += 1 }
    if let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), most.value >= maxEqualSegments {
      return "“\(most.key)” \(most.value) times"
    }
    let needed = 2 * maxEqualPairs
    guard segments.count >= needed else { return nil }
    for start in 0...segments.count - needed
    where (start + 2..<start + needed).allSatisfy({ segments[$0] == segments[$0 - 2] }) {
      return "“\(segments[start])/\(segments[start + 1])” \(maxEqualPairs) times in a row"
    }
    return nil
  }

  private typealias Segment = Slice<UnsafeBufferPointer<UInt8>>

  /// Whether one segment occurs four times. The segments are few: comparing them costs less than a table of them.
  private static func repeatsOne(_ segments: [Segment]) -> Bool {
    for index in maxEqualSegments - 1..<segments.count {
      var count = 1
      for other in 0..<index where areEqual(segments[index], segments[other]) { count += 1 }
      if count >= maxEqualSegments { return true }
    }
    return false
  }

  /// Whether the same two segments follow each other three times in a row, as in `/a/b/a/b/a/b`.
  private static func repeatsPair(_ segments: [Segment]) -> Bool {
    let needed = 2 * (maxEqualPairs - 1)
    var run = 0
    for index in segments.indices.dropFirst(2) {
      run = areEqual(segments[index], segments[index - 2]) ? run + 1 : 0
      if run >= needed { return true }
    }
    return false
  }

  private static func areEqual(_ left: Segment, _ right: Segment) -> Bool {
    left.count == right.count && left.elementsEqual(right)
  }
}
