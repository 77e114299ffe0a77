/// A pattern over whole URLs: `*` matches any characters within a path segment, `**` any characters at all.
///
/// Matching takes at most pattern × text steps, no recursion and no going back: at each byte of the text it knows all
/// places of the pattern that what came before leads to.
package struct Glob: Hashable, Sendable, CustomStringConvertible {
  private enum Element: Hashable, Sendable {
    case byte(UInt8)
    case withinSegment
    case acrossSegments
  }

  package let description: String
  private let elements: [Element]

  package init(_ pattern: String) {
    description = pattern
    var elements: [Element] = []
    for byte in pattern.utf8 {
      guard byte == UInt8(ascii: "*") else {
        elements.append(.byte(byte))
        continue
      }
      switch elements.last {
      case .withinSegment: elements[elements.count - 1] = .acrossSegments
      case .acrossSegments: break
      default: elements.append(.withinSegment)
      }
    }
    self.elements = elements
  }

  /// Whether the pattern matches the whole text.
  package func matches(_ text: String) -> Bool {
    places(after: text)?.last == elements.count
  }

  /// Why no URL of http or https matches it, whatever follows its scheme; nil when one may.
  package var flaw: String? {
    let isImpossible = elements.contains { element in
      guard case .byte(let byte) = element else { return false }
      return byte <= UInt8(ascii: " ") || byte >= 0x7F || "\"<>".utf8.contains(byte)
    }
    if isImpossible { return "has a character that URLs have in percent-encoding alone" }
    let mayBegin = ["http://", "https://"].contains { places(after: $0).map { $0.first < elements.count } ?? false }
    return mayBegin ? nil : "can match no URL, since patterns are for whole URLs, as '**.html'"
  }

  /// The first and the last place of the pattern that the text leads to; nil when it leads nowhere.
  private func places(after text: String) -> (first: Int, last: Int)? {
    var text = text
    return text.withUTF8 { places(after: $0) }
  }

  private func places(after text: UnsafeBufferPointer<UInt8>) -> (first: Int, last: Int)? {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 2 * (elements.count + 1)) { room in
      // Two sets of places in the order of the pattern: those before this byte, and those behind it.
      var (places, next) = (room.baseAddress!, room.baseAddress! + elements.count + 1)
      var count = add(0, to: places, 0)
      for byte in text {
        var nextCount = 0
        for place in UnsafeBufferPointer(start: places, count: count) where place < elements.count {
          switch elements[place] {
          case .byte(byte): nextCount = add(place + 1, to: next, nextCount)
          case .byte: break
          case .withinSegment: if byte != UInt8(ascii: "/") { nextCount = add(place, to: next, nextCount) }
          case .acrossSegments: nextCount = add(place, to: next, nextCount)
          }
        }
        if nextCount == 0 { return nil }
        (places, next, count) = (next, places, nextCount)
      }
      return (places[0], places[count - 1])
    }
  }

  /// Adds a place that is none of those before the last, and the one behind it if it is an asterisk's, which matches
  /// nothing as well. Returns how many places there are.
  private func add(_ place: Int, to places: UnsafeMutablePointer<Int>, _ count: Int) -> Int {
    var count = count
    if count == 0 || places[count - 1] < place {
      places[count] = place
      count += 1
    }
    guard place < elements.count, places[count - 1] == place else { return count }
    switch elements[place] {
    case .byte: return count
    case .withinSegment, .acrossSegments:
      places[count] = place + 1
      return count + 1
    }
  }
}
