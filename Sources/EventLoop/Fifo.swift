/// First in, first out, in an array whose taken front is dropped when it is the larger half. O(1), amortised.
struct Fifo<Element> {
  private var elements: [Element?] = []
  private var head = 0
  /// At this length what is dead is dropped.
  private var longest = Fifo.shortest

  private static var shortest: Int { 64 }

  var count: Int { elements.count - head }
  var isEmpty: Bool { count == 0 }

  mutating func append(_ element: Element) {
    elements.append(element)
  }

  /// Appends. When as many have come as were left the last time, 64 at least, those that have died meanwhile are dropped. O(1),
  /// amortised.
  mutating func append(_ element: Element, droppingIf isDead: (Element) -> Bool) {
    if elements.count >= longest {
      elements.removeAll { $0.map(isDead) ?? true }
      head = 0
      longest = max(Self.shortest, elements.count * 2)
    }
    elements.append(element)
  }

  mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    let element = elements[head]
    elements[head] = nil
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 64, head * 2 > elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }
}
