// Inserting elements, and what several insertion modes share.
extension TreeConstruction {
  /// Inserts an HTML element for the start tag read last; false when the stack is full and the element closes at once.
  @inline(__always)
  @discardableResult
  mutating func insert(_ name: Tag, serial: UInt32 = 0) -> Bool {
    let traits = tokenizer.tag.traits
    if traits.contains(.linkBearing) { facts.element(name, tokenizer, isInTemplate: !templateModes.isEmpty) }
    return elements.push(
      OpenElement(key: tokenizer.tag.key, name: name, namespace: .html, traits: traits, serial: serial))
  }

  /// Inserts an HTML element that ends at once.
  @inline(__always)
  mutating func insertVoid(_ name: Tag) {
    if tokenizer.tag.traits.contains(.linkBearing) {
      facts.element(name, tokenizer, isInTemplate: !templateModes.isEmpty)
    }
  }

  /// Inserts an element that no tag names.
  @discardableResult
  mutating func insertImplied(_ name: Tag) -> Bool {
    let key = NamePacker.key(name.text)
    return elements.push(OpenElement(key: key, name: name, namespace: .html, traits: name.traits))
  }

  /// Inserts an element whose content is raw text and reads over it; the range is the content.
  @discardableResult
  mutating func insertRawText(_ name: Tag) -> Range<Int> {
    insertVoid(name)
    let here = tokenizer.position
    switch name {
    case .title: return tokenizer.skipRawText(until: "title")
    case .textarea: return tokenizer.skipRawText(until: "textarea")
    case .style: return tokenizer.skipRawText(until: "style")
    case .xmp: return tokenizer.skipRawText(until: "xmp")
    case .iframe: return tokenizer.skipRawText(until: "iframe")
    case .noembed: return tokenizer.skipRawText(until: "noembed")
    case .noframes: return tokenizer.skipRawText(until: "noframes")
    case .script: return tokenizer.skipScript()
    default: return here..<here
    }
  }

  /// The start of an html element after the first: only its attributes count.
  mutating func mergeHTML() -> Bool {
    if templateModes.isEmpty { facts.element(.html, tokenizer, isInTemplate: false) }
    return false
  }

  /// One step from wherever the page is before its body towards it, as for a token that only the body can hold.
  mutating func leaveForBody() {
    switch mode {
    case .initial:
      isQuirks = true
      mode = .beforeHTML
    case .beforeHTML:
      insertImplied(.html)
      mode = .beforeHead
    case .beforeHead:
      insertImplied(.head)
      hasHead = true
      mode = .inHead
    case .inHead:
      elements.pop()
      mode = .afterHead
    default:
      insertImplied(.body)
      linksBeforeBody = facts.links.links.count
      mode = .inBody
    }
  }

  /// Closes a p element if there is one in button scope.
  @inline(__always)
  mutating func closeParagraph() {
    guard elements.openCount(.p) > 0, let index = elements.find(.p, fence: [.scope, .buttonScope]) else { return }
    elements.pop(to: index)
  }

  /// Ends the topmost element of this name if it is in scope; false when it is not.
  @discardableResult
  mutating func closeInScope(_ name: Tag, fence: TagTraits = .scope) -> Bool {
    guard elements.find(name, fence: fence) != nil else { return false }
    elements.popImplied(except: name)
    elements.popThrough(name)
    return true
  }

  /// The standard's "reset the insertion mode appropriately".
  mutating func resetMode() {
    while templateModes.count > elements.openCount(.template) { templateModes.removeLast() }
    mode = modeOfElements()
  }

  private mutating func modeOfElements() -> InsertionMode {
    var index = elements.count - 1
    elements.addSteps(elements.count)
    while index >= 0 {
      let element = elements[index]
      index -= 1
      guard element.namespace == .html else { continue }
      switch element.name {
      case .select: return isInTable(below: index) ? .inSelectInTable : .inSelect
      case .td, .th: return .inCell
      case .tr: return .inRow
      case .tbody, .thead, .tfoot: return .inTableBody
      case .caption: return .inCaption
      case .colgroup: return .inColumnGroup
      case .table: return .inTable
      case .template: return templateModes.last ?? .inBody
      case .head: return .inHead
      case .body: return .inBody
      case .frameset: return .inFrameset
      case .html: return hasHead ? .afterHead : .beforeHead
      default: continue
      }
    }
    return .inBody
  }

  private func isInTable(below start: Int) -> Bool {
    var index = start
    while index >= 0 {
      let element = elements[index]
      if element.namespace == .html {
        if element.name == .template { return false }
        if element.name == .table { return true }
      }
      index -= 1
    }
    return false
  }

  // MARK: - The first heading

  /// The start of an `h1`.
  mutating func startHeading() {
    endClosedHeading()
    let isFirst = facts.startHeading(isInTemplate: !templateModes.isEmpty)
    let headings = elements.openCount(.h1) + 1
    insert(.h1)
    // Where there is no room for it, it counts as closed at once.
    if isFirst { self.headings = headings }
  }

  /// Ends the heading's text when its element was closed, by whatever tag.
  @inline(__always)
  mutating func endClosedHeading() {
    guard elements.openCount(.h1) < headings else { return }
    headings = 0
    facts.endHeading()
  }
}
