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
    var text = text
    return text.withUTF8 { matches($0) }
  }

  private func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
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
        if nextCount == 0 { return false }
        (places, next, count) = (next, places, nextCount)
      }
      return places[count - 1] == elements.count
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
