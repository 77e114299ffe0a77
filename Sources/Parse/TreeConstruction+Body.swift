// Start tags "in body", 13.2.6.4.7.
extension TreeConstruction {
  mutating func startInBody(_ name: Tag) -> Bool {
    switch name {
    case .span, .unknown:
      reconstructFormatting()
      insert(name)
    case .a: startAnchor()
    case .address, .article, .aside, .blockquote, .center, .details, .dialog, .dir, .div, .dl, .fieldset, .figcaption,
      .figure, .footer, .header, .hgroup, .main, .menu, .nav, .ol, .p, .search, .section, .summary, .ul:
      closeParagraph()
      insert(name)
    case .li: startListItem(.li)
    case .dd, .dt: startListItem(name)
    case .b, .big, .code, .em, .font, .i, .s, .small, .strike, .strong, .tt, .u:
      reconstructFormatting()
      insertFormatting(name)
    case .h1, .h2, .h3, .h4, .h5, .h6:
      closeParagraph()
      if elements.top.name.isHeading && elements.top.namespace == .html { elements.pop() }
      if name == .h1 { startHeading() } else { insert(name) }
    case .area, .br, .embed, .img, .keygen, .wbr:
      reconstructFormatting()
      allowsFrameset = false
      insertVoid(name)
    case .image:
      reconstructFormatting()
      allowsFrameset = false
      insertVoid(.img)
    case .param, .source, .track: insertVoid(name)
    case .input:
      reconstructFormatting()
      if !facts.attribute(.type, equals: "hidden", tokenizer) { allowsFrameset = false }
      insertVoid(name)
    case .hr:
      closeParagraph()
      allowsFrameset = false
      insertVoid(name)
    case .table:
      if !isQuirks { closeParagraph() }
      allowsFrameset = false
      if insert(.table) { mode = .inTable }
    case .base, .basefont, .bgsound, .link, .meta, .noframes, .script, .style, .template, .title:
      return startInHead(name)
    case .caption, .col, .colgroup, .frame, .head, .tbody, .td, .tfoot, .th, .thead, .tr: break
    case .html: return mergeHTML()
    case .body:
      if elements.count > 1 && elements[1].name == .body && templateModes.isEmpty { allowsFrameset = false }
    case .frameset: startFramesetInBody()
    default: startOtherInBody(name)
    }
    return false
  }

  private mutating func startOtherInBody(_ name: Tag) {
    switch name {
    case .pre, .listing:
      closeParagraph()
      allowsFrameset = false
      insert(name)
    case .form:
      guard !hasForm || !templateModes.isEmpty else { return }
      closeParagraph()
      if insert(.form) && templateModes.isEmpty { hasForm = true }
    case .plaintext:
      closeParagraph()
      insert(name)
      let start = tokenizer.position
      tokenizer.position = tokenizer.end
      if start < tokenizer.end { text(start, tokenizer.end, hasReferences: false) }
    case .button:
      if elements.find(.button, fence: .scope) != nil {
        elements.popImplied()
        elements.popThrough(.button)
      }
      reconstructFormatting()
      allowsFrameset = false
      insert(name)
    case .nobr:
      reconstructFormatting()
      if elements.find(.nobr, fence: .scope) != nil {
        adoptionAgency(.nobr, tokenizer.tag.key)
        reconstructFormatting()
      }
      insertFormatting(.nobr)
    case .applet, .marquee, .object:
      reconstructFormatting()
      allowsFrameset = false
      insertWithMarker(name)
    case .textarea, .iframe:
      allowsFrameset = false
      insertRawText(name)
    case .xmp:
      closeParagraph()
      reconstructFormatting()
      allowsFrameset = false
      let content = insertRawText(name)
      if templateModes.isEmpty {
        facts.text(tokenizer.bytes, content.lowerBound, content.upperBound, hasReferences: false)
      }
      facts.breakWord()
    case .noembed: insertRawText(name)
    case .select:
      reconstructFormatting()
      allowsFrameset = false
      guard insert(.select) else { return }
      switch mode {
      case .inTable, .inCaption, .inTableBody, .inRow, .inCell: mode = .inSelectInTable
      default: mode = .inSelect
      }
    case .optgroup, .option:
      if elements.isTop(.option) { elements.pop() }
      reconstructFormatting()
      insert(name)
    case .rb, .rtc:
      if elements.find(.ruby, fence: .scope) != nil { elements.popImplied() }
      insert(name)
    case .rp, .rt:
      if elements.find(.ruby, fence: .scope) != nil { elements.popImplied(except: .rtc) }
      insert(name)
    case .math, .svg:
      reconstructFormatting()
      insertForeign(name, name == .math ? .mathML : .svg)
    default:
      reconstructFormatting()
      insert(name)
    }
  }

  /// li, dd, dt: ends an open item of the same list.
  private mutating func startListItem(_ name: Tag) {
    allowsFrameset = false
    let other: Tag = name == .dd ? .dt : name == .dt ? .dd : .li
    if elements.openCount(name) > 0 || elements.openCount(other) > 0 {
      var index = elements.count - 1
      while index > 0 {
        elements.addSteps(1)
        let element = elements[index]
        if element.namespace == .html && (element.name == name || element.name == other) {
          elements.popImplied(except: element.name)
          elements.popThrough(element.name)
          break
        }
        if element.hasAny(.special) && element.name != .address && element.name != .div && element.name != .p { break }
        index -= 1
      }
    }
    closeParagraph()
    insert(name)
  }

  /// A frameset that takes the place of an empty body: the body goes, with what links it had.
  private mutating func startFramesetInBody() {
    guard allowsFrameset, elements.count > 1, elements[1].name == .body, elements[1].namespace == .html else { return }
    elements.pop(to: 1)
    facts.dropLinks(to: linksBeforeBody)
    insert(.frameset)
    mode = .inFrameset
  }
}
