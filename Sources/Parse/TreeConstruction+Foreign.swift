// SVG and MathML, 13.2.6.5.
extension TreeConstruction {
  /// Whether a start tag within `element`, which is foreign, is read as HTML.
  func isHTMLStartTag(_ name: Tag, in element: OpenElement) -> Bool {
    if element.hasAny(.htmlIntegration) { return true }
    if element.hasAny(.mathTextIntegration) { return name != .mglyph && name != .malignmark }
    return element.namespace == .mathML && element.name == .annotationXML && name == .svg
  }

  /// False when the tag ended the foreign content and is to be read as HTML.
  mutating func foreignStartTag(_ name: Tag) -> Bool {
    let hasFontAttribute =
      name == .font
      && (tokenizer.attribute(.color) ?? tokenizer.attribute(.face) ?? tokenizer.attribute(.size)) != nil
    if hasFontAttribute || tokenizer.tag.traits.contains(.breaksOut) {
      breakOut()
      return false
    }
    if name == .a && elements.top.namespace == .svg {
      facts.endAnchor()
      facts.svgAnchor(tokenizer)
      anchorMarkers = formatting.markers
      svgAnchor = elements.count + 1
    }
    insertForeign(name, elements.top.namespace)
    return true
  }

  mutating func insertForeign(_ name: Tag, _ namespace: OpenElement.Namespace) {
    guard !tokenizer.tag.isSelfClosing else { return }
    let traits = foreignTraits(name, namespace)
    elements.push(OpenElement(key: tokenizer.tag.key, name: name, namespace: namespace, traits: traits))
  }

  private mutating func foreignTraits(_ name: Tag, _ namespace: OpenElement.Namespace) -> TagTraits {
    switch (namespace, name) {
    case (.svg, .foreignObject), (.svg, .desc), (.svg, .title): return [.special, .scope, .htmlIntegration]
    case (.mathML, .mi), (.mathML, .mn), (.mathML, .mo), (.mathML, .ms), (.mathML, .mtext):
      return [.special, .scope, .mathTextIntegration]
    case (.mathML, .annotationXML):
      let isHTML =
        facts.attribute(.encoding, equals: "text/html", tokenizer)
        || facts.attribute(.encoding, equals: "application/xhtml+xml", tokenizer)
      return isHTML ? [.special, .scope, .htmlIntegration] : [.special, .scope]
    default: return []
    }
  }

  /// False when the tag is to be read as HTML.
  mutating func foreignEndTag(_ name: Tag) -> Bool {
    if name == .br || name == .p {
      breakOut()
      return false
    }
    let key = tokenizer.tag.key
    var index = elements.count - 1
    while index > 0 && elements[index].namespace != .html {
      elements.addSteps(1)
      if elements[index].key == key {
        elements.pop(to: index)
        return true
      }
      index -= 1
    }
    return false
  }

  /// Ends the text of SVG's `a` when the element was closed, by whatever tag, or by itself.
  mutating func endClosedSVGAnchor() {
    svgAnchor = 0
    facts.endAnchor()
  }

  /// Pops to an HTML element or an integration point.
  private mutating func breakOut() {
    while elements.count > 1 && elements.top.namespace != .html
      && !elements.top.hasAny([.htmlIntegration, .mathTextIntegration])
    { elements.pop() }
  }
}
