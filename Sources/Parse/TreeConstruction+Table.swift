// The insertion modes of tables, 13.2.6.4.9 to 13.2.6.4.15.
extension TreeConstruction {
  mutating func startInTable(_ name: Tag) -> Bool {
    switch name {
    case .caption:
      clearStack(to: [.tableScope])
      guard insert(.caption) else { return false }
      pushMarker()
      mode = .inCaption
    case .colgroup:
      clearStack(to: [.tableScope])
      if insert(.colgroup) { mode = .inColumnGroup }
    case .col:
      clearStack(to: [.tableScope])
      guard insertImplied(.colgroup) else { return false }
      mode = .inColumnGroup
      return true
    case .tbody, .tfoot, .thead:
      clearStack(to: [.tableScope])
      if insert(name) { mode = .inTableBody }
    case .td, .th, .tr:
      clearStack(to: [.tableScope])
      guard insertImplied(.tbody) else { return false }
      mode = .inTableBody
      return true
    case .table:
      guard elements.find(.table, fence: .tableScope) != nil else { return false }
      elements.popThrough(.table)
      resetMode()
      return true
    case .style, .script, .template: return startInHead(name)
    case .input where facts.attribute(.type, equals: "hidden", tokenizer): insertVoid(.input)
    case .form:
      guard templateModes.isEmpty && !hasForm else { return false }
      hasForm = true
      insertVoid(.form)
    default: return startInBody(name)
    }
    return false
  }

  mutating func endInTable(_ name: Tag) -> Bool {
    switch name {
    case .table:
      guard elements.find(.table, fence: .tableScope) != nil else { return false }
      elements.popThrough(.table)
      resetMode()
    case .body, .caption, .col, .colgroup, .html, .tbody, .td, .tfoot, .th, .thead, .tr: break
    case .template: endTemplate()
    default: return endInBody(name)
    }
    return false
  }

  // MARK: - Caption and columns

  mutating func startInCaption(_ name: Tag) -> Bool {
    switch name {
    case .caption, .col, .colgroup, .tbody, .td, .tfoot, .th, .thead, .tr: return closeCaption()
    default: return startInBody(name)
    }
  }

  mutating func endInCaption(_ name: Tag) -> Bool {
    switch name {
    case .caption:
      _ = closeCaption()
      return false
    case .table: return closeCaption()
    case .body, .col, .colgroup, .html, .tbody, .td, .tfoot, .th, .thead, .tr: return false
    default: return endInBody(name)
    }
  }

  private mutating func closeCaption() -> Bool {
    guard elements.find(.caption, fence: .tableScope) != nil else { return false }
    elements.popThrough(.caption)
    clearFormatting()
    mode = .inTable
    return true
  }

  mutating func startInColumnGroup(_ name: Tag) -> Bool {
    switch name {
    case .html: return mergeHTML()
    case .col:
      insertVoid(.col)
      return false
    case .template: return startInHead(name)
    default: return closeColumnGroup()
    }
  }

  mutating func endInColumnGroup(_ name: Tag) -> Bool {
    switch name {
    case .colgroup:
      _ = closeColumnGroup()
      return false
    case .col: return false
    case .template:
      endTemplate()
      return false
    default: return closeColumnGroup()
    }
  }

  private mutating func closeColumnGroup() -> Bool {
    guard elements.isTop(.colgroup) else { return false }
    elements.pop()
    mode = .inTable
    return true
  }

  // MARK: - Bodies, rows and cells

  mutating func startInTableBody(_ name: Tag) -> Bool {
    switch name {
    case .tr:
      clearStack(toBody: true)
      if insert(.tr) { mode = .inRow }
      return false
    case .th, .td:
      clearStack(toBody: true)
      guard insertImplied(.tr) else { return false }
      mode = .inRow
      return true
    case .caption, .col, .colgroup, .tbody, .tfoot, .thead: return closeTableBody()
    default: return startInTable(name)
    }
  }

  mutating func endInTableBody(_ name: Tag) -> Bool {
    switch name {
    case .tbody, .tfoot, .thead:
      guard elements.find(name, fence: .tableScope) != nil else { return false }
      clearStack(toBody: true)
      elements.pop()
      mode = .inTable
      return false
    case .table: return closeTableBody()
    case .body, .caption, .col, .colgroup, .html, .td, .th, .tr: return false
    default: return endInTable(name)
    }
  }

  private mutating func closeTableBody() -> Bool {
    guard
      elements.find(.tbody, fence: .tableScope) != nil || elements.find(.thead, fence: .tableScope) != nil
        || elements.find(.tfoot, fence: .tableScope) != nil
    else { return false }
    clearStack(toBody: true)
    elements.pop()
    mode = .inTable
    return true
  }

  mutating func startInRow(_ name: Tag) -> Bool {
    switch name {
    case .th, .td:
      clearStack(toBody: false)
      guard insert(name) else { return false }
      pushMarker()
      mode = .inCell
      return false
    case .caption, .col, .colgroup, .tbody, .tfoot, .thead, .tr: return closeRow()
    default: return startInTable(name)
    }
  }

  mutating func endInRow(_ name: Tag) -> Bool {
    switch name {
    case .tr:
      _ = closeRow()
      return false
    case .table: return closeRow()
    case .tbody, .tfoot, .thead: return elements.find(name, fence: .tableScope) != nil && closeRow()
    case .body, .caption, .col, .colgroup, .html, .td, .th: return false
    default: return endInTable(name)
    }
  }

  private mutating func closeRow() -> Bool {
    guard elements.find(.tr, fence: .tableScope) != nil else { return false }
    clearStack(toBody: false)
    elements.pop()
    mode = .inTableBody
    return true
  }

  mutating func startInCell(_ name: Tag) -> Bool {
    switch name {
    case .caption, .col, .colgroup, .tbody, .td, .tfoot, .th, .thead, .tr: return closeCell()
    default: return startInBody(name)
    }
  }

  mutating func endInCell(_ name: Tag) -> Bool {
    switch name {
    case .td, .th:
      guard elements.find(name, fence: .tableScope) != nil else { return false }
      elements.popThrough(name)
      clearFormatting()
      mode = .inRow
      return false
    case .body, .caption, .col, .colgroup, .html: return false
    case .table, .tbody, .tfoot, .thead, .tr:
      return elements.find(name, fence: .tableScope) != nil && closeCell()
    default: return endInBody(name)
    }
  }

  private mutating func closeCell() -> Bool {
    guard let name = [Tag.td, .th].first(where: { elements.find($0, fence: .tableScope) != nil }) else { return false }
    elements.popThrough(name)
    clearFormatting()
    mode = .inRow
    return true
  }

  // MARK: - Clearing the stack

  /// Back to a table context: to an element with one of the traits (table, template, html).
  private mutating func clearStack(to fence: TagTraits) {
    while elements.count > 1 && !elements.top.hasAny(fence) { elements.pop() }
  }

  /// Back to a table body context, or to a table row context.
  private mutating func clearStack(toBody: Bool) {
    while elements.count > 1 {
      let top = elements.top
      if top.namespace == .html {
        switch top.name {
        case .tbody, .tfoot, .thead: if toBody { return }
        case .tr: if !toBody { return }
        case .template, .html: return
        default: break
        }
      }
      elements.pop()
    }
  }
}
