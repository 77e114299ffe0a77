// Active formatting elements and the adoption agency, as far as they decide which elements are open.
extension TreeConstruction {
  /// "Reconstruct the active formatting elements, if any."
  @inline(__always)
  mutating func reconstructFormatting() {
    if formatting.count > 0 { reconstructOpenFormatting() }
  }

  /// Whether there is nothing to reconstruct.
  @inline(__always)
  var isFormattingOpen: Bool {
    mutating get { formatting.count == 0 || formatting[formatting.count - 1].isMarker || isOpen(formatting.count - 1) }
  }

  private mutating func reconstructOpenFormatting() {
    var index = formatting.count
    // Where there is no room every new element ends at once, and these would as well.
    guard !elements.isFull, !isFormattingOpen else { return }
    index -= 1
    while index > 0 && !formatting[index - 1].isMarker && !isOpen(index - 1) { index -= 1 }
    elements.addSteps(formatting.count - index)
    while index < formatting.count && !elements.isFull {
      var entry = formatting[index]
      entry.element.serial = elements.nextSerial()
      (entry.place, entry.shifts) = (elements.count, elements.shifts)
      elements.push(entry.element)
      formatting[index] = entry
      index += 1
    }
  }

  /// Inserts a formatting element for the start tag read last.
  mutating func insertFormatting(_ name: Tag) {
    let place = elements.count
    guard insert(name, serial: elements.nextSerial()) else { return }
    let attributes = tokenizer.attributesRange
    // Of four with the same name and attributes the earliest goes. Attributes are looked at only where it may have to.
    if formatting.namesakes(elements.top.key) >= 3 {
      formatting.removeEarliest(elements.top.key, attributes: attributes, tokenizer)
    }
    formatting.push(
      ActiveFormatting.Entry(element: elements.top, attributes: attributes, place: place, shifts: elements.shifts))
  }

  /// Inserts an element that formatting elements before it do not reach into.
  mutating func insertWithMarker(_ name: Tag) {
    if insert(name) { pushMarker() }
  }

  /// The start of an `a` ends an open one, wherever that stands.
  mutating func startAnchor() {
    facts.endAnchor()
    let key = tokenizer.tag.key
    if let index = formatting.last(key) {
      let serial = formatting[index].element.serial
      adoptionAgency(.a, key)
      if let index = formatting.index(serial: serial) {
        let place = stackPlace(index)
        formatting.remove(at: index)
        if let place { elements.remove(at: place) }
      }
    }
    reconstructFormatting()
    insertFormatting(.a)
    anchorMarkers = formatting.markers
    svgAnchor = 0
  }

  /// The end tag of an `a`. The text of the element ends with its entry in the list, or when the element is closed without
  /// one: an end tag in a table within it, say, closes nothing.
  mutating func endAnchor() {
    let key = tokenizer.tag.key
    let count = elements.openCount(.a)
    adoptionAgency(.a, key)
    guard svgAnchor == 0 else { return }
    let isGone = formatting.markers <= anchorMarkers && formatting.last(key) == nil
    if isGone || elements.openCount(.a) < count { facts.endAnchor() }
  }

  /// Inserts a marker in the list of active formatting elements. An `a` that is not open does not go on behind it; that it
  /// does once the marker is gone is left out.
  mutating func pushMarker() {
    if svgAnchor == 0 && elements.openCount(.a) == 0 { facts.endAnchor() }
    formatting.pushMarker()
  }

  /// "Clear the list of active formatting elements up to the last marker": an `a` among them goes on in no other element.
  mutating func clearFormatting() {
    formatting.clearToMarker()
    if formatting.markers < anchorMarkers { facts.endAnchor() }
  }

  /// The adoption agency algorithm for an end tag (or a start tag) of this formatting element's name.
  mutating func adoptionAgency(_ name: Tag, _ key: UInt64) {
    // The current node, when it entered the list last: there is nothing that could have to move.
    if elements.isTop(name) && formatting.removeLast(serial: elements.top.serial) {
      elements.pop()
      return
    }
    // An element that left the list for another three of its kind is only closed.
    if elements.isTop(name) && formatting.index(serial: elements.top.serial) == nil {
      elements.pop()
      return
    }
    for _ in 0..<8 {
      guard let index = formatting.last(key) else { return endOther(name, key) }
      guard let place = stackPlace(index) else { return formatting.remove(at: index) }
      guard elements.isInScope(place) else { return }
      guard let furthestBlock = elements.firstSpecial(above: place) else {
        elements.pop(to: place)
        formatting.remove(at: index)
        return
      }
      adopt(index, place, furthestBlock)
    }
  }

  /// One round of the algorithm: the formatting element at `place` of the stack, which is the entry `index`, goes on
  /// within the special element at `furthestBlock`; the formatting elements between go on around that.
  private mutating func adopt(_ index: Int, _ place: Int, _ furthestBlock: Int) {
    var entry = formatting[index]
    var bookmark = index
    var node = furthestBlock - 1
    // From the block downwards; what stays open is moved up against it.
    var first = furthestBlock
    while node > place {
      let serial = elements[node].serial
      let active = serial == 0 ? nil : formatting.index(serial: serial)
      elements.addSteps(1)
      if let active, furthestBlock - node <= 3 {
        if first == furthestBlock { bookmark = active + 1 }
        let clone = elements.nextSerial()
        formatting[active].element.serial = clone
        elements.renumber(at: node, clone)
        first -= 1
        elements.move(from: node, to: first)
      } else {
        elements.forget(at: node)
        if let active {
          formatting.remove(at: active)
          if active < bookmark { bookmark -= 1 }
        }
      }
      node -= 1
    }
    // Its own clone follows the block in the stack, and takes the bookmark's place in the list.
    guard let own = formatting.index(serial: entry.element.serial) else { return }
    entry.element.serial = elements.nextSerial()
    entry.place = elements.reopen(place, above: furthestBlock, keepingFrom: first)
    entry.shifts = elements.shifts
    elements.renumber(at: entry.place, entry.element.serial)
    formatting.remove(at: own)
    formatting.insert(entry, at: own < bookmark ? bookmark - 1 : bookmark)
  }

  // MARK: - Where an active formatting element stands

  @inline(__always)
  private mutating func isOpen(_ index: Int) -> Bool { stackPlace(index) != nil }

  /// The place in the stack of the entry's element; nil when it is not open.
  @inline(__always)
  private mutating func stackPlace(_ index: Int) -> Int? {
    let entry = formatting[index]
    guard entry.place >= 0 else { return nil }
    let isThere = entry.place < elements.count && elements[entry.place].serial == entry.element.serial
    return isThere ? entry.place : searchedPlace(index)
  }

  /// As `stackPlace`, for an element that does not stand where it stood.
  private mutating func searchedPlace(_ index: Int) -> Int? {
    let entry = formatting[index]
    guard entry.shifts != elements.shifts else {
      formatting[index].place = -1
      return nil
    }
    let place = elements.index(serial: entry.element.serial)
    formatting[index].place = place ?? -1
    formatting[index].shifts = elements.shifts
    return place
  }
}
