/// A pattern over whole URLs: `*` matches any characters within a path segment, `**` any characters at all.
///
/// Matching takes at most pattern × text steps and no recursion: it remembers only the latest `*` and the latest `**`.
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
    var element = 0
    var position = 0
    var within: (element: Int, position: Int)?
    var across: (element: Int, position: Int)?
    while true {
      if element < elements.count {
        switch elements[element] {
        case .withinSegment:
          within = (element, position)
          element += 1
          continue
        case .acrossSegments:
          across = (element, position)
          within = nil
          element += 1
          continue
        case .byte(let byte):
          if position < text.count && text[position] == byte {
            element += 1
            position += 1
            continue
          }
        }
      } else if position == text.count {
        return true
      }
      if let retry = within, retry.position < text.count, text[retry.position] != UInt8(ascii: "/") {
        within = (retry.element, retry.position + 1)
        element = retry.element + 1
        position = retry.position + 1
      } else if let retry = across, retry.position < text.count {
        within = nil
        across = (retry.element, retry.position + 1)
        element = retry.element + 1
        position = retry.position + 1
      } else {
        return false
      }
    }
  }
}
