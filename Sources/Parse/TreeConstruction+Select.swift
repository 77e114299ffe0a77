// "In select" and "in select in table": almost nothing is an element there.
extension TreeConstruction {
  mutating func startInSelect(_ name: Tag) -> Bool {
    switch name {
    case .html: return mergeHTML()
    case .option:
      if elements.isTop(.option) { elements.pop() }
      insert(name)
    case .optgroup, .hr:
      if elements.isTop(.option) { elements.pop() }
      if elements.isTop(.optgroup) { elements.pop() }
      if name == .hr { insertVoid(.hr) } else { insert(name) }
    case .select: _ = closeSelect()
    case .input, .keygen, .textarea: return closeSelect()
    case .script, .template: return startInHead(name)
    default: break
    }
    return false
  }

  mutating func endInSelect(_ name: Tag) -> Bool {
    switch name {
    case .optgroup:
      let below = elements.count - 2
      if elements.isTop(.option) && below > 0 && elements[below].name == .optgroup { elements.pop() }
      if elements.isTop(.optgroup) { elements.pop() }
    case .option:
      if elements.isTop(.option) { elements.pop() }
    case .select: _ = closeSelect()
    case .template: endTemplate()
    default: break
    }
    return false
  }

  mutating func startInSelectInTable(_ name: Tag) -> Bool {
    switch name {
    case .caption, .table, .tbody, .tfoot, .thead, .tr, .td, .th:
      elements.popThrough(.select)
      resetMode()
      return true
    default: return startInSelect(name)
    }
  }

  mutating func endInSelectInTable(_ name: Tag) -> Bool {
    switch name {
    case .caption, .table, .tbody, .tfoot, .thead, .tr, .td, .th:
      guard elements.find(name, fence: .tableScope) != nil else { return false }
      elements.popThrough(.select)
      resetMode()
      return true
    default: return endInSelect(name)
    }
  }

  /// Ends the select element; false when there is none in select scope (a template may stand between).
  private mutating func closeSelect() -> Bool {
    guard elements.find(.select, fence: .tableScope) != nil else { return false }
    elements.popThrough(.select)
    resetMode()
    return true
  }
}
