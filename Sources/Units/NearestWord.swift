/// The word that a user may have meant by another.
package enum NearestWord {
  /// The word with the fewest letters to insert, leave out, change, or swap with their neighbour (optimal string alignment),
  /// at most a third of the text's; else the only one that has the text as one of its parts between underscores; nil when
  /// there is none. Of several the first by letters.
  ///
  /// Cost: O(letters of the text × letters of all words); a text of more than 64 bytes means nothing.
  package static func among(_ words: some Sequence<String>, to text: String) -> String? {
    let wanted = Array(text.utf8)
    guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
    let words = words.sorted()
    let near = words.map { (word: $0, distance: distance(Array($0.utf8), wanted)) }
    if let best = near.min(by: { $0.distance < $1.distance }), best.distance <= max(1, wanted.count / 3) {
      return best.word
    }
    let containing = words.filter { $0.split(separator: "_").contains { $0 == text || $0 == text + "s" } }
    return containing.count == 1 ? containing[0] : nil
  }

  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var before: [Int] = []
    var previous = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        let change = previous[column] + (left[row] == right[column] ? 0 : 1)
        var least = min(change, previous[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          least = min(least, before[column - 1] + 1)
        }
        current.append(least)
      }
      (before, previous) = (previous, current)
    }
    return previous[right.count]
  }
}
