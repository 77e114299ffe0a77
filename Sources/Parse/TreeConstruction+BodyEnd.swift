// End tags "in body", and the modes after the body.
extension TreeConstruction {
  mutating func endInBody(_ name: Tag) -> Bool {
    switch name {
    case .span, .unknown: endOther(name, tokenizer.tag.key)
    case .a: endAnchor()
    case .b, .big, .code, .em, .font, .i, .nobr, .s, .small, .strike, .strong, .tt, .u:
      adoptionAgency(name, tokenizer.tag.key)
    case .p:
      // Without an open one, the standard inserts an empty p; nothing comes of it.
      closeParagraph()
    case .address, .article, .aside, .blockquote, .button, .center, .details, .dialog, .dir, .div, .dl, .fieldset,
      .figcaption, .figure, .footer, .header, .hgroup, .listing, .main, .menu, .nav, .ol, .pre, .search, .section,
      .summary, .ul, .dd, .dt:
      closeInScope(name)
    case .applet, .marquee, .object:
      if closeInScope(name) { clearFormatting() }
    case .li: closeInScope(.li, fence: [.scope, .listScope])
    case .h1, .h2, .h3, .h4, .h5, .h6:
      guard elements.findHeading() != nil else { return false }
      elements.popImplied()
      if let index = elements.findHeading() { elements.pop(to: index) }
    case .form: endForm()
    case .br:
      reconstructFormatting()
      allowsFrameset = false
    case .template: endTemplate()
    case .body, .html:
      guard elements.find(.body, fence: .scope) != nil else { return false }
      mode = .afterBody
      return name == .html
    default: endOther(name, tokenizer.tag.key)
    }
    return false
  }

  /// "Any other end tag".
  mutating func endOther(_ name: Tag, _ key: UInt64) {
    if name != .unknown && elements.openCount(name) == 0 { return }
    var index = elements.count - 1
    while index > 0 {
      elements.addSteps(1)
      let element = elements[index]
      if element.key == key && element.namespace == .html {
        elements.pop(to: index)
        return
      }
      if element.hasAny(.special) { return }
      index -= 1
    }
  }

  private mutating func endForm() {
    guard templateModes.isEmpty else {
      closeInScope(.form)
      return
    }
    guard hasForm else { return }
    hasForm = false
    guard elements.find(.form, fence: .scope) != nil else { return }
    elements.popImplied()
    if let index = elements.find(.form, fence: .scope) { elements.remove(at: index) }
  }

  // MARK: - After the body

  mutating func startAfterBody(_ name: Tag) -> Bool {
    if name == .html { return mergeHTML() }
    mode = .inBody
    return true
  }

  mutating func endAfterBody(_ name: Tag) -> Bool {
    if name == .html && mode == .afterBody {
      mode = .afterAfterBody
      return false
    }
    mode = .inBody
    return true
  }

  // MARK: - Framesets

  mutating func startInFrameset(_ name: Tag) -> Bool {
    switch name {
    case .html: return mergeHTML()
    case .frameset: insert(.frameset)
    case .frame: insertVoid(.frame)
    case .noframes: insertRawText(.noframes)
    default: break
    }
    return false
  }

  mutating func endInFrameset(_ name: Tag) -> Bool {
    guard name == .frameset, elements.count > 1 else { return false }
    elements.pop()
    if !elements.isTop(.frameset) { mode = .afterFrameset }
    return false
  }

  mutating func startAfterFrameset(_ name: Tag) -> Bool {
    switch name {
    case .html: return mergeHTML()
    case .noframes: insertRawText(.noframes)
    default: break
    }
    return false
  }

  mutating func endAfterFrameset(_ name: Tag) -> Bool {
    if name == .html { mode = .afterAfterFrameset }
    return false
  }
}
