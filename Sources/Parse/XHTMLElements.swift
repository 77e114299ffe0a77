/// Reads a page that is XML by its type (HTML Standard, section 14): what is an element, XML 1.0 and Namespaces in XML
/// decide, so names count in their letter case and with their namespace, no tag is implied, `/>` ends any element, and
/// CDATA sections are text.
///
/// There is no tree. An XML parser stops at the first error; this one goes on, so that a broken page has the links that
/// can be read: an end tag closes the innermost open element of its name and what is open within it, and one that has none
/// is passed over. Entities are those of XML itself, and HTML's when the document type is one of XHTML's (14.2); those that
/// the page declares are in the bytes already, see `XMLEntities`.
struct XHTMLElements: ~Copyable {
  private typealias Namespace = XMLNamespaces.Namespace

  private struct Level {
    /// As written, with its prefix.
    var name: Range<Int>
    /// Of the name. Names that differ are told apart by it without comparing them; nobody can choose names that are not.
    var hash: Int
    var role: Role
    var partsWords: Bool
    /// What a name without a prefix is in.
    var defaultNamespace: Namespace
    /// Of `namespaces` before the element.
    var bindings: Int
  }

  /// What an element's end and the text within it mean.
  private enum Role {
    case other
    case anchor, heading, title, template
    /// Text that is not shown.
    case hidden
    /// The reading of ruby.
    case reading
    /// SVG's title and desc: text that names what it belongs to.
    case label
  }

  private var xml: XMLTokenizer
  /// Holds the attributes of the last start tag, as it holds those of HTML's.
  private var tag: Tokenizer
  private(set) var facts: PageFacts
  private var namespaces: XMLNamespaces
  private var levels: [Level] = []
  /// Open elements beyond `depth`.
  private var deeper = 0
  private let depth: Int
  private var title: TextCapture
  private var hiddenLevels = 0
  private var readingLevels = 0
  private var templates = 0
  private var hasRoot = false

  init(_ bytes: UnsafeBufferPointer<UInt8>, facts: consuming PageFacts, limits: ParseLimits) {
    xml = XMLTokenizer(bytes)
    tag = Tokenizer(bytes)
    namespaces = XMLNamespaces(xml.bytes)
    self.facts = facts
    depth = max(limits.depth, 8)
    title = TextCapture(limit: limits.titleBytes)
    levels.reserveCapacity(32)
  }

  /// Reads the page to its end.
  mutating func run() {
    while true {
      switch xml.next() {
      case .startTag: start()
      case .endTag: end()
      case .text: text(xml.text, hasReferences: true)
      case .characterData: text(xml.text, hasReferences: false)
      case .end:
        close(to: 0)
        facts.endOfPage()
        return
      }
    }
  }

  // MARK: - Text

  private mutating func text(_ range: Range<Int>, hasReferences: Bool) {
    guard let level = levels.last else { return }
    if title.isOpen { return addTitle(range, hasReferences: hasReferences) }
    guard hiddenLevels == 0 && templates == 0 else { return }
    if level.role == .label {
      facts.label(xml.bytes, range.lowerBound, range.upperBound)
    } else if readingLevels > 0 {
      facts.reading(xml.bytes, range.lowerBound, range.upperBound, hasReferences: hasReferences)
    } else {
      facts.text(xml.bytes, range.lowerBound, range.upperBound, hasReferences: hasReferences)
    }
  }

  private mutating func addTitle(_ range: Range<Int>, hasReferences: Bool) {
    var index = range.lowerBound
    while index < range.upperBound {
      // In a CDATA section every ampersand is itself, as one without anything behind it is.
      let isAmpersand = !hasReferences && xml.bytes[index] == Octet.ampersand
      let next =
        hasReferences
        ? range.upperBound
        : isAmpersand ? index + 1 : Octet.find(Octet.ampersand, xml.bytes, index, range.upperBound)
      title.add(facts.decoder.decode(xml.bytes, index, next, inAttribute: false))
      index = next
    }
  }

  // MARK: - Tags

  private mutating func start() {
    if !hasRoot {
      hasRoot = true
      facts.decoder.knowsEntities = XHTMLElements.isXHTML(xml[xml.documentType])
    }
    let before = namespaces.count
    var defaultNamespace = levels.last?.defaultNamespace ?? .other
    readAttributes(&defaultNamespace)
    let namespace = xml.prefix.isEmpty ? defaultNamespace : namespaces[xml.prefix]
    let (role, partsWords) = element(namespace)
    if partsWords { facts.breakWord() }
    let isKept = !xml.isEmpty && deeper == 0 && levels.count < depth
    if isKept {
      levels.append(
        Level(
          name: xml.qualifiedName, hash: XHTMLElements.hash(xml[xml.qualifiedName]), role: role,
          partsWords: partsWords, defaultNamespace: defaultNamespace, bindings: before))
      if role == .hidden { hiddenLevels += 1 }
      if role == .reading { readingLevels += 1 }
      if role == .template { templates += 1 }
      return
    }
    if !xml.isEmpty { deeper += 1 }
    namespaces.forget(to: before)
    end(role)
  }

  /// Closes the innermost open element of this name and what is open within it; nothing when there is none.
  private mutating func end() {
    if deeper > 0 {
      deeper -= 1
      return
    }
    let name = xml[xml.qualifiedName]
    let hash = XHTMLElements.hash(name)
    let place = levels.lastIndex { $0.hash == hash && xml[$0.name].elementsEqual(name) }
    if let place { close(to: place) }
  }

  private mutating func close(to count: Int) {
    while levels.count > count {
      let level = levels.removeLast()
      namespaces.forget(to: level.bindings)
      if level.role == .hidden { hiddenLevels -= 1 }
      if level.role == .reading { readingLevels -= 1 }
      if level.role == .template { templates -= 1 }
      if level.partsWords { facts.breakWord() }
      end(level.role)
    }
  }

  private mutating func end(_ role: Role) {
    switch role {
    case .anchor: facts.endAnchor()
    case .heading: facts.endHeading()
    case .title: if title.isOpen { facts.setTitle(title.close()) }
    case .other, .template, .hidden, .reading, .label: break
    }
  }

  // MARK: - Elements

  /// Takes what the element says whose start tag was read last, and its attributes.
  private mutating func element(_ namespace: Namespace) -> (role: Role, partsWords: Bool) {
    switch namespace {
    case .html:
      guard let known = Tag.known[XHTMLElements.key(xml[xml.name])], isText(xml.name, known.name.text) else {
        return (.other, !Tag.unknown.traits.contains(.inline))
      }
      return (htmlElement(known), !known.traits.contains(.inline))
    case .svg:
      let role = svgElement()
      return (role, role != .anchor)
    case .xlink, .sitemap, .atom, .rss, .other: return (.other, true)
    }
  }

  private mutating func htmlElement(_ known: Tag.Known) -> Role {
    switch known.name {
    case .a: facts.endAnchor()
    case .h1: return facts.startHeading(isInTemplate: templates > 0) ? .heading : .other
    default: break
    }
    facts.element(known.name, tag, isInTemplate: templates > 0)
    switch known.name {
    case .a: return .anchor
    case .title:
      guard !facts.hasTitle && templates == 0 && !title.isOpen else { return .hidden }
      title.open()
      return .title
    case .template: return .template
    case .script, .style, .textarea, .iframe, .rp: return .hidden
    case .rt, .rtc: return .reading
    default: return .other
    }
  }

  private mutating func svgElement() -> Role {
    if isText(xml.name, "a") {
      facts.endAnchor()
      facts.svgAnchor(tag)
      return .anchor
    }
    if isText(xml.name, "title") || isText(xml.name, "desc") { return .label }
    return isText(xml.name, "script") || isText(xml.name, "style") ? .hidden : .other
  }

  /// Takes the declarations of namespaces; then keeps those attributes in no namespace that `AttributeName` knows,
  /// `xlink:href`, and `xml:lang`, which goes before `lang` (HTML Standard, 3.2.6.2).
  private mutating func readAttributes(_ defaultNamespace: inout Namespace) {
    tag.present = 0
    var attributes = xml.attributes
    while attributes.next() {
      let (prefix, local) = xml.split(attributes.name)
      if prefix.isEmpty {
        if isText(local, "xmlns") { defaultNamespace = namespaces.namespace(named: attributes.value) }
      } else if isText(prefix, "xmlns") {
        namespaces.declare(local, attributes.value)
      } else if isText(prefix, "xml") && isText(local, "lang") {
        keep(.lang, attributes.value)
      }
    }
    attributes = xml.attributes
    while attributes.next() {
      let (prefix, local) = xml.split(attributes.name)
      if prefix.isEmpty {
        if let name = tag.attributeTable[XHTMLElements.key(xml[local])], isText(local, name.text) {
          keep(name, attributes.value)
        }
      } else if isText(local, "href") && namespaces[prefix] == .xlink {
        keep(.xlinkHref, attributes.value)
      }
    }
  }

  /// Of two with one name the first counts.
  private mutating func keep(_ name: AttributeName, _ value: Range<Int>) {
    let bit: UInt32 = 1 << UInt32(name.rawValue)
    guard tag.present & bit == 0 else { return }
    tag.present |= bit
    tag.attributes[Int(name.rawValue)] = value
  }

  private func isText(_ range: Range<Int>, _ text: String) -> Bool { xml[range].elementsEqual(text.utf8) }

  private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(name))
    return hasher.finalize()
  }

  /// By which tables know a name, whatever its letter case.
  private static func key(_ name: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var packer = NamePacker()
    for byte in name { packer.add(byte) }
    return packer.key
  }

  // MARK: - The root element and the document type

  /// Whether the start tag read last is that of XHTML's root element, if nothing is declared before it.
  static func isRoot(_ xml: XMLTokenizer) -> Bool {
    guard xml[xml.name].elementsEqual("html".utf8) else { return false }
    let declaration = xml.prefix.isEmpty ? "xmlns" : "xmlns:" + String(decoding: xml[xml.prefix], as: UTF8.self)
    var attributes = xml.attributes
    while attributes.next() {
      if xml[attributes.name].elementsEqual(declaration.utf8) {
        return XMLNamespaces(xml.bytes).namespace(named: attributes.value) == .html
      }
    }
    return false
  }

  /// The public identifiers for which a page has HTML's entities.
  private static let publicIdentifiers = [
    "-//W3C//DTD XHTML 1.0 Transitional//EN", "-//W3C//DTD XHTML 1.1//EN", "-//W3C//DTD XHTML 1.0 Strict//EN",
    "-//W3C//DTD XHTML 1.0 Frameset//EN", "-//W3C//DTD XHTML Basic 1.0//EN",
    "-//W3C//DTD XHTML 1.1 plus MathML 2.0//EN",
    "-//W3C//DTD XHTML 1.1 plus MathML 2.0 plus SVG 1.1//EN", "-//W3C//DTD MathML 2.0//EN",
    "-//WAPFORUM//DTD XHTML Mobile 1.0//EN",
  ]

  /// Whether a document type declaration, `html PUBLIC "…"` from behind its keyword on, names one of them.
  private static func isXHTML(_ declaration: UnsafeBufferPointer<UInt8>) -> Bool {
    var rest = declaration[...].drop(while: Octet.isWhitespace)
    rest = rest.drop { !Octet.isWhitespace($0) }.drop(while: Octet.isWhitespace)
    guard rest.starts(with: "PUBLIC".utf8) else { return false }
    rest = rest.dropFirst(6).drop(while: Octet.isWhitespace)
    guard let quote = rest.popFirst(), quote == Octet.quotationMark || quote == Octet.apostrophe else { return false }
    let identifier = rest.prefix { $0 != quote }
    return publicIdentifiers.contains { identifier.elementsEqual($0.utf8) }
  }
}
