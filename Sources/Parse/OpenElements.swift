/// The stack of open elements (HTML Standard, 13.2.4.2) without the elements: names, namespaces and traits.
///
/// It never holds more than its depth. A count per HTML name answers most questions without a walk; `steps` counts the
/// walks, so that a page made to be slow can be ended.
struct OpenElements: ~Copyable {
  private let elements: UnsafeMutablePointer<OpenElement>
  private let counts: UnsafeMutablePointer<Int32>
  private let depth: Int
  private(set) var count = 0
  private(set) var steps = 0
  /// How often elements that stay open were moved.
  private(set) var shifts = 0
  private var lastSerial: UInt32 = 0

  init(depth: Int) {
    self.depth = max(depth, 8)
    elements = .allocate(capacity: self.depth)
    counts = .allocate(capacity: 256)
    counts.initialize(repeating: 0, count: 256)
  }

  deinit {
    elements.deallocate()
    counts.deallocate()
  }

  /// The element at `index`, the lowest at 0.
  @inline(__always)
  subscript(_ index: Int) -> OpenElement { elements[index] }

  /// The current node. There must be one.
  @inline(__always)
  var top: OpenElement { elements[count &- 1] }

  @inline(__always)
  func isTop(_ name: Tag) -> Bool {
    count > 0 && elements[count &- 1].name == name && elements[count &- 1].namespace == .html
  }

  /// Whether the current node has this key and this trait.
  @inline(__always)
  func isTop(_ key: UInt64, _ trait: TagTraits) -> Bool {
    count > 0 && elements[count &- 1].key == key && elements[count &- 1].hasAny(trait)
  }

  /// How many HTML elements of this name are open.
  @inline(__always)
  func openCount(_ name: Tag) -> Int { Int(counts[Int(name.rawValue)]) }

  /// False when the stack is full: the element then counts as closed at once.
  @inline(__always)
  @discardableResult
  mutating func push(_ element: OpenElement) -> Bool {
    guard count < depth else { return false }
    elements[count] = element
    count &+= 1
    if element.namespace == .html { counts[Int(element.name.rawValue)] &+= 1 }
    return true
  }

  /// Pops the current node, but never the root element.
  @inline(__always)
  mutating func pop() {
    guard count > 1 else { return }
    count &-= 1
    if elements[count].namespace == .html { counts[Int(elements[count].name.rawValue)] &-= 1 }
  }

  /// Pops down to `newCount` elements.
  mutating func pop(to newCount: Int) {
    steps &+= count &- newCount
    while count > newCount && count > 1 { pop() }
  }

  /// Takes out the element at `index`, which is not the root.
  mutating func remove(at index: Int) {
    guard index > 0 && index < count else { return }
    forget(elements[index])
    for next in index + 1..<count { elements[next - 1] = elements[next] }
    steps &+= count &- index
    shifts &+= 1
    count -= 1
  }

  // MARK: - Formatting elements

  /// Another number for an element that is told apart from others of its name.
  mutating func nextSerial() -> UInt32 {
    lastSerial &+= 1
    return lastSerial
  }

  @inline(__always)
  var isFull: Bool { count == depth }

  /// The place of the element with this serial number, which is not 0.
  mutating func index(serial: UInt32) -> Int? {
    var index = count &- 1
    while index >= 0 {
      steps &+= 1
      if elements[index].serial == serial { return index }
      index &-= 1
    }
    return nil
  }

  /// Whether no element above `place` ends the search of an element in scope.
  mutating func isInScope(_ place: Int) -> Bool {
    steps &+= count &- place
    for index in place + 1..<max(count, place + 1) where elements[index].hasAny(.scope) { return false }
    return true
  }

  /// The lowest special element above `place`.
  mutating func firstSpecial(above place: Int) -> Int? {
    for index in place + 1..<max(count, place + 1) where elements[index].hasAny(.special) {
      steps &+= index &- place
      return index
    }
    return nil
  }

  /// Gives the element at `place`, a formatting element, its new number.
  mutating func renumber(at place: Int, _ serial: UInt32) { elements[place].serial = serial }

  /// Closes the element at `place`, if only for the time until `reopen` moves others over it.
  mutating func forget(at place: Int) { forget(elements[place]) }

  mutating func move(from place: Int, to target: Int) { elements[target] = elements[place] }

  /// Moves the elements `first...last` down to `place`, whose element then follows them, and those above after it.
  /// What stood between is gone.
  /// - Returns: the new place of the element at `place`.
  mutating func reopen(_ place: Int, above last: Int, keepingFrom first: Int) -> Int {
    let moved = elements[place]
    steps &+= count &- place
    shifts &+= 1
    for index in first...last { elements[place + index - first] = elements[index] }
    let newPlace = place + last - first + 1
    elements[newPlace] = moved
    let down = last - newPlace
    if down > 0 {
      for index in last + 1..<max(count, last + 1) { elements[index - down] = elements[index] }
      count -= down
    }
    return newPlace
  }

  private mutating func forget(_ element: OpenElement) {
    if element.namespace == .html { counts[Int(element.name.rawValue)] &-= 1 }
  }

  /// Where the topmost HTML element of this name stands, unless an element with one of the traits `fence` is above it.
  @inline(__always)
  mutating func find(_ name: Tag, fence: TagTraits) -> Int? {
    guard counts[Int(name.rawValue)] > 0 else { return nil }
    var index = count &- 1
    while index >= 0 {
      steps &+= 1
      let element = elements[index]
      if element.name == name && element.namespace == .html { return index }
      if element.hasAny(fence) { return nil }
      index &-= 1
    }
    return nil
  }

  /// As `find`, for any heading.
  mutating func findHeading() -> Int? {
    var index = count - 1
    while index >= 0 {
      steps &+= 1
      if elements[index].name.isHeading && elements[index].namespace == .html { return index }
      if elements[index].hasAny(.scope) { return nil }
      index -= 1
    }
    return nil
  }

  /// Pops down to and with the topmost HTML element of this name, if it is open.
  mutating func popThrough(_ name: Tag) {
    if let index = find(name, fence: []) { pop(to: index) }
  }

  /// Pops elements whose end tags are implied, but none named `exception`.
  @inline(__always)
  mutating func popImplied(except exception: Tag = .unknown, thoroughly: Bool = false) {
    let wanted: TagTraits = thoroughly ? [.implied, .impliedThoroughly] : .implied
    while count > 1 && top.namespace == .html && top.name != exception
      && top.hasAny(wanted)
    { pop() }
  }

  mutating func addSteps(_ more: Int) { steps &+= more }
}

/// One open element.
struct OpenElement {
  enum Namespace: UInt8 { case html, svg, mathML }

  var key: UInt64
  var name: Tag
  var namespace: Namespace
  /// What tells a formatting element from others of its name; 0 for all other elements.
  var serial: UInt32
  /// Those of the name; for a foreign element those of its kind.
  private var traits: TagTraits

  @inline(__always)
  init(key: UInt64, name: Tag, namespace: Namespace, traits: TagTraits, serial: UInt32 = 0) {
    self.key = key
    self.name = name
    self.namespace = namespace
    self.serial = serial
    self.traits = traits
  }

  @inline(__always)
  func hasAny(_ wanted: TagTraits) -> Bool { traits.rawValue & wanted.rawValue != 0 }
}
