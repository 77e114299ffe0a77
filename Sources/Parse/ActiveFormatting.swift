/// The list of active formatting elements (HTML Standard, 13.2.4.3): formatting elements that go on in the next block
/// although the one that they stood in ended, and markers.
///
/// It never holds more than its maximum; a page made to exceed it loses the oldest entries, which nothing but the end
/// tags of the elements around them could reach.
struct ActiveFormatting: ~Copyable {
  private var entries: UnsafeMutablePointer<Entry>
  /// What there is room for now, and at most.
  private var capacity = 16
  private let maximum: Int
  private(set) var count = 0
  private(set) var markers = 0
  /// Counts the walks along the list, as `OpenElements.steps` does along the stack.
  private(set) var steps = 0

  /// A formatting element, or a marker.
  struct Entry {
    var element: OpenElement
    /// Where the attributes of its tag stand in the page.
    var attributes: Range<Int>
    /// Equal for equal attributes; nil until it is asked for.
    private var attributesHash: UInt64?
    /// Where the element stands in the stack; below 0 when it is not there.
    var place: Int
    /// `OpenElements.shifts` when `place` was true.
    var shifts: Int

    @inline(__always)
    var isMarker: Bool { element.serial == 0 }

    @inline(__always)
    init(element: OpenElement, attributes: Range<Int>, place: Int, shifts: Int) {
      self.element = element
      self.attributes = attributes
      self.place = place
      self.shifts = shifts
    }

    fileprivate mutating func hashAttributes(_ tokenizer: borrowing Tokenizer) -> UInt64 {
      if let attributesHash { return attributesHash }
      let hash = tokenizer.hash(attributes: attributes)
      attributesHash = hash
      return hash
    }
  }

  init(depth: Int) {
    maximum = max(depth, 8) * 2
    entries = .allocate(capacity: capacity)
  }

  deinit { entries.deallocate() }

  @inline(__always)
  subscript(_ index: Int) -> Entry {
    get { entries[index] }
    set { entries[index] = newValue }
  }

  mutating func pushMarker() {
    let nothing = OpenElement(key: 0, name: .unknown, namespace: .html, traits: [])
    append(Entry(element: nothing, attributes: 0..<0, place: -1, shifts: 0))
    markers += 1
  }

  /// Adds the element that was pushed to the stack last.
  @inline(__always)
  mutating func push(_ entry: consuming Entry) { append(entry) }

  /// How many entries behind the last marker have this name.
  @inline(__always)
  mutating func namesakes(_ key: UInt64) -> Int {
    var (index, namesakes) = (count, 0)
    while index > 0 && !entries[index &- 1].isMarker {
      index &-= 1
      if entries[index].element.key == key { namesakes &+= 1 }
    }
    steps &+= count &- index
    return namesakes
  }

  /// Removes the earliest of the entries behind the last marker with this name and these attributes, if there are three.
  mutating func removeEarliest(_ key: UInt64, attributes: Range<Int>, _ tokenizer: borrowing Tokenizer) {
    let hash = tokenizer.hash(attributes: attributes)
    var (index, equals, earliest) = (count, 0, 0)
    while index > 0 && !entries[index - 1].isMarker {
      index -= 1
      if entries[index].element.key == key && entries[index].hashAttributes(tokenizer) == hash {
        (equals, earliest) = (equals + 1, index)
      }
    }
    steps &+= count &- index
    if equals >= 3 { remove(at: earliest) }
  }

  /// Removes the entries behind the last marker, and it.
  mutating func clearToMarker() {
    while count > 0 {
      count -= 1
      if entries[count].isMarker {
        markers -= 1
        return
      }
    }
  }

  /// The last entry of this name behind the last marker.
  mutating func last(_ key: UInt64) -> Int? {
    var index = count
    defer { steps &+= count &- index }
    while index > 0 && !entries[index - 1].isMarker {
      index -= 1
      if entries[index].element.key == key { return index }
    }
    return nil
  }

  /// The entry of the element with this serial number, which is not 0.
  mutating func index(serial: UInt32) -> Int? {
    var index = count
    defer { steps &+= count &- index }
    while index > 0 {
      index -= 1
      if entries[index].element.serial == serial { return index }
    }
    return nil
  }

  /// Removes the last entry if it is that of the element with this serial number; false when it is not.
  @inline(__always)
  mutating func removeLast(serial: UInt32) -> Bool {
    guard count > 0 && serial != 0 && entries[count &- 1].element.serial == serial else { return false }
    count &-= 1
    return true
  }

  mutating func remove(at index: Int) {
    steps &+= count &- index
    for next in index + 1..<max(count, index + 1) { entries[next - 1] = entries[next] }
    count -= 1
  }

  mutating func insert(_ entry: Entry, at index: Int) {
    if count == capacity { grow() }
    guard count < capacity else { return }
    steps &+= count &- index
    var place = count
    while place > index {
      entries[place] = entries[place - 1]
      place -= 1
    }
    entries[index] = entry
    count += 1
  }

  @inline(__always)
  private mutating func append(_ entry: consuming Entry) {
    if count == capacity { makeRoom() }
    entries[count] = entry
    count += 1
  }

  private mutating func grow() {
    guard capacity < maximum else { return }
    let larger = min(capacity * 2, maximum)
    let room = UnsafeMutablePointer<Entry>.allocate(capacity: larger)
    room.moveInitialize(from: entries, count: count)
    entries.deallocate()
    (entries, capacity) = (room, larger)
  }

  /// Where there must be no more, a quarter goes at once: each entry is moved a bounded number of times.
  private mutating func makeRoom() {
    grow()
    guard count == capacity else { return }
    let dropped = capacity / 4
    for index in 0..<dropped where entries[index].isMarker { markers -= 1 }
    for index in dropped..<count { entries[index - dropped] = entries[index] }
    count -= dropped
  }
}
