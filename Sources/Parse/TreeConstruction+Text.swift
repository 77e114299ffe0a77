// Character tokens.
extension TreeConstruction {
  /// Processes the text `start..<end` of the page.
  mutating func text(_ start: Int, _ end: Int, hasReferences: Bool = true) {
    let place = elements.count > 0 && elements.top.namespace == .svg ? elements.top.name : .unknown
    let isForeign = isForeignText
    guard textIsShown(start, end, hasReferences, isForeign: isForeign) && templateModes.isEmpty else { return }
    switch place {
    case .script, .style: break
    case .desc, .title: facts.label(tokenizer.bytes, start, end)
    default:
      // Behind `<plaintext>` the tokenizer itself makes U+FFFD of a NUL.
      let dropsNUL = !isForeign && elements.openCount(.plaintext) == 0
      if elements.openCount(.ruby) > 0 {
        // Parentheses for those who don't show ruby.
        if elements.openCount(.rp) > 0 { return }
        if elements.openCount(.rt) + elements.openCount(.rtc) > 0 {
          return facts.reading(tokenizer.bytes, start, end, hasReferences: hasReferences, dropsNUL: dropsNUL)
        }
      }
      facts.text(tokenizer.bytes, start, end, hasReferences: hasReferences, dropsNUL: dropsNUL)
    }
  }

  /// Processes the text from `start` to the next `<` or the end of the page, whose place it returns.
  @inline(__always)
  mutating func textRun(_ start: Int) -> Int {
    // Where text changes nothing but the text, one pass does all.
    if (mode == .inBody || mode == .inCell) && !allowsFrameset && templateModes.isEmpty && isFormattingOpen
      && elements.top.namespace == .html && elements.openCount(.ruby) == 0
    {
      return facts.textRun(tokenizer.bytes, start, tokenizer.end)
    }
    let next = Octet.find(Octet.lessThan, tokenizer.bytes, start, tokenizer.end)
    if next > start { text(start, next) }
    return next
  }

  /// Lets the text act on the insertion mode; false when it does not belong to the body.
  private mutating func textIsShown(
    _ start: Int, _ end: Int, _ hasReferences: Bool, isForeign: Bool
  ) -> Bool {
    let (hasNull, hasOther, hasSpace) = classify(start, end, hasReferences)
    if isForeign {
      if hasOther { allowsFrameset = false }
      return true
    }
    while true {
      switch mode {
      case .initial, .beforeHTML, .beforeHead, .inHead, .afterHead:
        guard hasNull || hasOther else { return false }
        leaveForBody()
      case .inHeadNoscript:
        guard hasNull || hasOther else { return false }
        elements.pop()
        mode = .inHead
      case .inBody, .inCaption, .inCell, .inTemplate:
        if hasOther || hasSpace { reconstructFormatting() }
        if hasOther { allowsFrameset = false }
        return true
      case .inTable, .inTableBody, .inRow:
        // White space right within a table is only text of the table.
        if hasOther || hasSpace && !isWithinTable { reconstructFormatting() }
        if hasOther { allowsFrameset = false }
        return true
      case .inColumnGroup:
        guard (hasNull || hasOther) && elements.isTop(.colgroup) else { return false }
        elements.pop()
        mode = .inTable
      case .inSelect, .inSelectInTable:
        return true
      case .afterBody, .afterAfterBody:
        guard hasNull || hasOther else {
          reconstructFormatting()
          return false
        }
        mode = .inBody
      case .inFrameset, .afterFrameset, .afterAfterFrameset:
        return false
      }
    }
  }

  /// Whether text at the current node is read by the rules for foreign content.
  private var isForeignText: Bool {
    elements.count > 0 && elements.top.namespace != .html
      && !elements.top.hasAny([.htmlIntegration, .mathTextIntegration])
  }

  /// Whether the current node is one of the parts of a table that text is moved out of.
  private var isWithinTable: Bool {
    guard elements.top.namespace == .html else { return false }
    switch elements.top.name {
    case .table, .tbody, .template, .tfoot, .thead, .tr: return true
    default: return false
    }
  }

  /// Whether there is a NUL, anything beside NUL and white space, and white space before that. White space may be written as
  /// references.
  private func classify(_ start: Int, _ end: Int, _ hasReferences: Bool)
    -> (hasNull: Bool, hasOther: Bool, hasSpace: Bool)
  {
    var hasNull = false
    var hasSpace = false
    var index = start
    while index < end {
      let byte = tokenizer.bytes[index]
      if byte == 0 {
        hasNull = true
        index &+= 1
      } else if Octet.isWhitespace(byte) {
        hasSpace = true
        index &+= 1
      } else if byte == Octet.ampersand && hasReferences,
        let match = CharacterReferences.match(tokenizer.bytes, index, end, inAttribute: false),
        let meant = UInt8(exactly: match.first), Octet.isWhitespace(meant)
      {
        hasSpace = true
        index &+= match.length
      } else {
        return (hasNull, true, hasSpace)
      }
    }
    return (hasNull, false, hasSpace)
  }
}
