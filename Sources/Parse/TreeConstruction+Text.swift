// Character tokens.
extension TreeConstruction {
  /// Processes the text `start..<end` of the page.
  mutating func text(_ start: Int, _ end: Int) {
    guard textIsShown(start, end) && templateModes.isEmpty else { return }
    facts.text(tokenizer.bytes, start, end)
  }

  /// Processes the text from `start` to the next `<` or the end of the page, whose place it returns.
  @inline(__always)
  mutating func textRun(_ start: Int) -> Int {
    // Where text changes nothing but the text, one pass does all.
    if (mode == .inBody || mode == .inCell) && !allowsFrameset && templateModes.isEmpty {
      return facts.textRun(tokenizer.bytes, start, tokenizer.end)
    }
    let next = Octet.find(Octet.lessThan, tokenizer.bytes, start, tokenizer.end)
    if next > start { text(start, next) }
    return next
  }

  /// Lets the text act on the insertion mode; false when it does not belong to the body.
  private mutating func textIsShown(_ start: Int, _ end: Int) -> Bool {
    let (hasNull, hasOther) = classify(start, end)
    if elements.count > 0 && elements.top.namespace != .html {
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
      case .inBody, .inCaption, .inCell, .inTemplate, .inTable, .inTableBody, .inRow:
        if hasOther { allowsFrameset = false }
        return true
      case .inColumnGroup:
        guard (hasNull || hasOther) && elements.isTop(.colgroup) else { return false }
        elements.pop()
        mode = .inTable
      case .inSelect, .inSelectInTable:
        return true
      case .afterBody, .afterAfterBody:
        guard hasNull || hasOther else { return false }
        mode = .inBody
      case .inFrameset, .afterFrameset, .afterAfterFrameset:
        return false
      }
    }
  }

  /// Whether there is a NUL, and whether there is anything beside NUL and white space.
  private func classify(_ start: Int, _ end: Int) -> (hasNull: Bool, hasOther: Bool) {
    var hasNull = false
    for index in start..<end {
      let byte = tokenizer.bytes[index]
      if byte == 0 {
        hasNull = true
      } else if !Octet.isWhitespace(byte) {
        return (hasNull, true)
      }
    }
    return (hasNull, false)
  }
}
