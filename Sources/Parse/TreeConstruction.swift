import WebURL

/// Tree construction of the HTML Standard (13.2.6), scripting off, as far as it decides what becomes an element and what
/// is text: the insertion modes, the stack of open elements, the list of active formatting elements, foreign content,
/// templates. There is no tree: a clone of a formatting element is no new link, and foster parenting, which moves elements
/// but neither makes nor drops one, is left out.
struct TreeConstruction: ~Copyable {
  var tokenizer: Tokenizer
  var elements: OpenElements
  var formatting: ActiveFormatting
  var facts: PageFacts
  var mode = InsertionMode.initial
  var templateModes: [InsertionMode] = []
  /// The standard's frameset-ok flag.
  var allowsFrameset = true
  var isQuirks = false
  /// The standard's form element pointer is not null.
  var hasForm = false
  /// The head element pointer is not null.
  var hasHead = false
  /// Links found before the body: those that a frameset in place of the body leaves.
  var linksBeforeBody = 0
  /// How many `h1` were open when the one whose text is gathered was; 0 when none is.
  var headings = 0
  /// How many markers the list of active formatting elements had when the `a` whose text is gathered entered it.
  var anchorMarkers = 0
  /// How many elements are open as long as SVG's `a` is whose text is gathered; 0 when none is.
  var svgAnchor = 0
  private let maximumSteps: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>, facts: consuming PageFacts, limits: ParseLimits) {
    tokenizer = Tokenizer(bytes)
    elements = OpenElements(depth: limits.depth)
    formatting = ActiveFormatting(depth: limits.depth)
    self.facts = facts
    maximumSteps = 100_000 + bytes.count * limits.stepsPerByte
  }

  /// Reads the page to its end.
  mutating func run() {
    let end = tokenizer.end
    while tokenizer.position < end {
      if headings > 0 { endClosedHeading() }
      if svgAnchor > elements.count { endClosedSVGAnchor() }
      var next = tokenizer.position
      if tokenizer.bytes[next] != Octet.lessThan {
        next = textRun(next)
        guard next < end else { break }
        tokenizer.position = next
      }
      if closeTop() { continue }
      switch tokenizer.open() {
      case .startTag: startTag()
      case .endTag: endTag()
      case .markup: markup()
      case .nothing: break
      case .text: text(next, tokenizer.position)
      case .endOfFile: tokenizer.position = end
      }
      if elements.steps &+ formatting.steps > maximumSteps {
        facts.links.isTruncated = true
        break
      }
    }
    facts.endOfPage()
  }

  private mutating func startTag() {
    let name = tokenizer.tag.name
    let traits = tokenizer.tag.traits
    let wanted =
      traits.contains(.linkBearing) || name == .font || name == .annotationXML
    guard tokenizer.readAttributes(wanted: wanted) else { return }
    let isForeign =
      elements.count > 0 && elements.top.namespace != .html && !isHTMLStartTag(name, in: elements.top)
    if !traits.contains(.inline) || isForeign && name != .a { facts.breakWord() }
    if isForeign && foreignStartTag(name) { return }
    if mode == .inBody && !startInBody(tokenizer.tag.name) { return }
    startTagByMode()
  }

  @inline(never)
  private mutating func startTagByMode() {
    while startTag(tokenizer.tag.name, in: mode) {}
  }

  /// Closes the current node where the end tag at `tokenizer.position` is its own and has no other effect, as nearly all
  /// end tags are; else false, and nothing is read.
  @inline(__always)
  private mutating func closeTop() -> Bool {
    guard mode == .inBody || mode == .inCell, elements.count > 0 else { return false }
    let top = elements.top
    guard top.hasAny([.endsPlainly, .formatting]), tokenizer.isEndTag(key: top.key) else { return false }
    if top.hasAny(.endsPlainly) {
      if !top.hasAny(.inline) { facts.breakWord() }
    } else {
      guard formatting.removeLast(serial: top.serial) else { return false }
      if top.name == .a { facts.endAnchor() }
    }
    elements.pop()
    tokenizer.skipEndTag(key: top.key)
    return true
  }

  private mutating func endTag() {
    guard tokenizer.readAttributes(wanted: false) else { return }
    // One that is not written as `closeTop` reads it.
    if (mode == .inBody || mode == .inCell) && elements.isTop(tokenizer.tag.key, .endsPlainly) {
      if !elements.top.hasAny(.inline) { facts.breakWord() }
      return elements.pop()
    }
    tokenizer.lookUpName()
    let name = tokenizer.tag.name
    let isForeign = elements.count > 0 && elements.top.namespace != .html
    if !tokenizer.tag.traits.contains(.inline) || isForeign && name != .a { facts.breakWord() }
    if isForeign && foreignEndTag(name) { return }
    while endTag(name, in: mode) {}
  }

  private mutating func markup() {
    let isForeign = elements.count > 0 && elements.top.namespace != .html
    switch tokenizer.readMarkup(allowsCDATA: isForeign) {
    case .comment: break
    case .doctype:
      if mode == .initial { mode = .beforeHTML }
    case .cdata(let range):
      if !range.isEmpty { text(range.lowerBound, range.upperBound, hasReferences: false) }
    }
  }

  /// Processes the start tag by the rules of `mode`; true when it is to be processed again, in the mode that is then
  /// current.
  @inline(__always)
  mutating func startTag(_ name: Tag, in mode: InsertionMode) -> Bool {
    switch mode {
    case .inBody: startInBody(name)
    case .initial, .beforeHTML, .beforeHead: startBeforeHead(name)
    case .inHead: startInHead(name)
    case .inHeadNoscript: startInHeadNoscript(name)
    case .afterHead: startAfterHead(name)
    case .inTable: startInTable(name)
    case .inCaption: startInCaption(name)
    case .inColumnGroup: startInColumnGroup(name)
    case .inTableBody: startInTableBody(name)
    case .inRow: startInRow(name)
    case .inCell: startInCell(name)
    case .inSelect: startInSelect(name)
    case .inSelectInTable: startInSelectInTable(name)
    case .inTemplate: startInTemplate(name)
    case .afterBody, .afterAfterBody: startAfterBody(name)
    case .inFrameset: startInFrameset(name)
    case .afterFrameset, .afterAfterFrameset: startAfterFrameset(name)
    }
  }

  /// As `startTag(_:in:)`, for an end tag.
  @inline(__always)
  mutating func endTag(_ name: Tag, in mode: InsertionMode) -> Bool {
    switch mode {
    case .inBody: endInBody(name)
    case .initial, .beforeHTML, .beforeHead: endBeforeHead(name)
    case .inHead: endInHead(name)
    case .inHeadNoscript: endInHeadNoscript(name)
    case .afterHead: endAfterHead(name)
    case .inTable: endInTable(name)
    case .inCaption: endInCaption(name)
    case .inColumnGroup: endInColumnGroup(name)
    case .inTableBody: endInTableBody(name)
    case .inRow: endInRow(name)
    case .inCell: endInCell(name)
    case .inSelect: endInSelect(name)
    case .inSelectInTable: endInSelectInTable(name)
    case .inTemplate: name == .template ? endInHead(name) : false
    case .afterBody, .afterAfterBody: endAfterBody(name)
    case .inFrameset: endInFrameset(name)
    case .afterFrameset, .afterAfterFrameset: endAfterFrameset(name)
    }
  }
}

/// The insertion modes of the standard (13.2.4.1); its "text" and "in table text" are no modes here, because raw text is
/// read at its start tag and text never leaves the table.
enum InsertionMode: UInt8 {
  case initial, beforeHTML, beforeHead, inHead, inHeadNoscript, afterHead, inBody
  case inTable, inCaption, inColumnGroup, inTableBody, inRow, inCell
  case inSelect, inSelectInTable, inTemplate
  case afterBody, inFrameset, afterFrameset, afterAfterBody, afterAfterFrameset
}
