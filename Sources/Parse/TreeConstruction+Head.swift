// The insertion modes before the body, and "in template".
extension TreeConstruction {
  mutating func startBeforeHead(_ name: Tag) -> Bool {
    switch (mode, name) {
    case (.initial, _):
      leaveForBody()
      return true
    case (.beforeHTML, .html):
      insert(.html)
      mode = .beforeHead
      return false
    case (.beforeHead, .html): return mergeHTML()
    case (.beforeHead, .head):
      insert(.head)
      hasHead = true
      mode = .inHead
      return false
    default:
      leaveForBody()
      return true
    }
  }

  mutating func endBeforeHead(_ name: Tag) -> Bool {
    guard mode == .initial || name == .head || name == .body || name == .html || name == .br else { return false }
    leaveForBody()
    return true
  }

  mutating func startInHead(_ name: Tag) -> Bool {
    switch name {
    case .html: return mergeHTML()
    case .base, .basefont, .bgsound, .link, .meta: insertVoid(name)
    case .title:
      let range = insertRawText(.title)
      facts.title(tokenizer.bytes, range, isInTemplate: !templateModes.isEmpty)
    case .noframes, .style, .script: insertRawText(name)
    case .noscript:
      if insert(.noscript) { mode = .inHeadNoscript }
    case .template: startTemplate()
    case .head: break
    default:
      // Only in the mode itself; others that use its rules name their tags.
      leaveForBody()
      return true
    }
    return false
  }

  mutating func endInHead(_ name: Tag) -> Bool {
    switch name {
    case .head:
      elements.pop()
      mode = .afterHead
      return false
    case .body, .html, .br:
      leaveForBody()
      return true
    case .template:
      endTemplate()
      return false
    default: return false
    }
  }

  mutating func startInHeadNoscript(_ name: Tag) -> Bool {
    switch name {
    case .html: return mergeHTML()
    case .basefont, .bgsound, .link, .meta, .noframes, .style: return startInHead(name)
    case .head, .noscript: return false
    default:
      elements.pop()
      mode = .inHead
      return true
    }
  }

  mutating func endInHeadNoscript(_ name: Tag) -> Bool {
    guard name == .noscript || name == .br else { return false }
    elements.pop()
    mode = .inHead
    return name == .br
  }

  mutating func startAfterHead(_ name: Tag) -> Bool {
    switch name {
    case .html: return mergeHTML()
    case .body:
      insert(.body)
      linksBeforeBody = facts.links.links.count
      allowsFrameset = false
      mode = .inBody
      return false
    case .frameset:
      insert(.frameset)
      mode = .inFrameset
      return false
    case .base, .basefont, .bgsound, .link, .meta, .noframes, .script, .style, .template, .title:
      return startInHead(name)
    case .head: return false
    default:
      leaveForBody()
      return true
    }
  }

  mutating func endAfterHead(_ name: Tag) -> Bool {
    switch name {
    case .template:
      endTemplate()
      return false
    case .body, .html, .br:
      leaveForBody()
      return true
    default: return false
    }
  }

  // MARK: - Templates

  private mutating func startTemplate() {
    guard insert(.template) else { return }
    pushMarker()
    allowsFrameset = false
    mode = .inTemplate
    templateModes.append(.inTemplate)
  }

  mutating func endTemplate() {
    guard elements.openCount(.template) > 0 else { return }
    elements.popThrough(.template)
    clearFormatting()
    if !templateModes.isEmpty { templateModes.removeLast() }
    resetMode()
  }

  mutating func startInTemplate(_ name: Tag) -> Bool {
    switch name {
    case .base, .basefont, .bgsound, .link, .meta, .noframes, .script, .style, .template, .title:
      return startInHead(name)
    case .caption, .colgroup, .tbody, .tfoot, .thead: return changeTemplateMode(.inTable)
    case .col: return changeTemplateMode(.inColumnGroup)
    case .tr: return changeTemplateMode(.inTableBody)
    case .td, .th: return changeTemplateMode(.inRow)
    default: return changeTemplateMode(.inBody)
    }
  }

  private mutating func changeTemplateMode(_ newMode: InsertionMode) -> Bool {
    if !templateModes.isEmpty { templateModes[templateModes.count - 1] = newMode }
    mode = newMode
    return true
  }
}
