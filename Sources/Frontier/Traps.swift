internal import WebURL

/// Rules against URL spaces without an end: calendars, session ids in paths, relative links that nest.
enum Traps {
  static let maxLength = 2_048
  static let maxSegments = 64
  static let maxEqualSegments = 4
  static let maxEqualPairs = 3

  /// The rule that the URL breaks. Linear in the path's length up to 64 segments.
  static func verdict(_ url: WebURL) -> ExclusionReason? {
    if url.href.utf8.count > maxLength { return .trapLength }
    let segments = url.path.utf8.split(separator: UInt8(ascii: "/"), maxSplits: maxSegments + 1)
    if segments.count > maxSegments { return .trapSegments }
    guard segments.count >= maxEqualSegments else { return nil }
    var counts: [Substring: Int] = [:]
    for segment in segments {
      let key = Substring(segment)
      let count = (counts[key] ?? 0) + 1
      if count >= maxEqualSegments { return .trapRepeat }
      counts[key] = count
    }
    return repeatsPair(segments) ? .trapRepeat : nil
  }

  /// Whether the same two segments follow each other three times in a row, as in `/a/b/a/b/a/b`.
  private static func repeatsPair(_ segments: [Substring.UTF8View]) -> Bool {
    let needed = 2 * (maxEqualPairs - 1)
    var run = 0
    for index in segments.indices.dropFirst(2) {
      run = segments[index].elementsEqual(segments[index - 2]) ? run + 1 : 0
      if run >= needed { return true }
    }
    return false
  }
}
