/// The queues of a task whose hosts could start a fetch now, in the order in which they became so; before them those
/// whose host's robots.txt has just come. Each of these has its first page next, on the connection of the robots.txt: behind
/// thousands of other hosts that connection would be closed again before its turn. Since a host comes first once per
/// robots.txt, nobody starves.
struct Ring {
  private var first = Fifo<HostQueue>()
  private var others = Fifo<HostQueue>()

  var isEmpty: Bool { first.isEmpty && others.isEmpty }

  mutating func append(_ queue: HostQueue) {
    queue.isInRing = true
    if queue.host.isAwaitingFirstPage { first.append(queue) } else { others.append(queue) }
  }

  mutating func popFirst() -> HostQueue? {
    guard let queue = first.popFirst() ?? others.popFirst() else { return nil }
    queue.isInRing = false
    return queue
  }

  /// The first whose host is none of these; when all are, the first. Those before it go behind the others. O(queues).
  mutating func popFirst(before hosts: Set<Int64>) -> HostQueue? {
    var passed: [HostQueue] = []
    defer { for queue in passed { append(queue) } }
    while let queue = popFirst() {
      if !hosts.contains(queue.host.id) { return queue }
      passed.append(queue)
    }
    return passed.isEmpty ? nil : passed.removeFirst()
  }
}

/// First in, first out. O(1), amortised.
struct Fifo<Element> {
  private var elements: [Element] = []
  private var start = 0

  var isEmpty: Bool { start == elements.count }
  var count: Int { elements.count - start }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func popFirst() -> Element? {
    guard start < elements.count else { return nil }
    let element = elements[start]
    start += 1
    if start > 64 && start * 2 > elements.count {
      elements.removeFirst(start)
      start = 0
    }
    return element
  }

  /// O(n).
  mutating func removeAll(where isUnwanted: (Element) -> Bool) {
    elements.removeFirst(start)
    start = 0
    elements.removeAll(where: isUnwanted)
  }
}
