/// The element names that tree construction or the reader of links knows; every other name is `unknown`.
///
/// The order is that of `Tag.names`.
enum Tag: UInt8, CaseIterable {
  case unknown
  case a, address, annotationXML, applet, area, article, aside, audio, b, base, basefont, bgsound, big, blockquote
  case body, br, button, caption, center, code, col, colgroup, dd, desc, details, dialog, dir, div, dl, dt, em, embed
  case fieldset, figcaption, figure, font, footer, foreignObject, form, frame, frameset, h1, h2, h3, h4, h5, h6, head
  case header, hgroup, hr, html, i, iframe, image, img, input, keygen, li, link, listing, main, malignmark, marquee
  case math, menu, meta, mglyph, mi, mn, mo, ms, mtext, nav, nobr, noembed, noframes, noscript, object, ol, optgroup
  case option, p, param, plaintext, pre, rb, rp, rt, rtc, ruby, s, script, search, section, select, small, source
  case span, strike, strong, style, sub, summary, sup, svg, table, tbody, td, template, textarea, tfoot, th, thead
  case title, tr, track, tt, u, ul, `var`, video, wbr, xmp
  // Known only because their end tags are so frequent.
  case abbr, bdi, bdo, cite, data, del, dfn, ins, kbd, label, mark, q, samp, time
  // Known only because they part words.
  case legend
  /// SVG's `a`, to be told apart; no start tag gives it.
  case svgA

  static let names: StaticString = """
    a address annotation-xml applet area article aside audio b base basefont bgsound big blockquote \
    body br button caption center code col colgroup dd desc details dialog dir div dl dt em embed \
    fieldset figcaption figure font footer foreignobject form frame frameset h1 h2 h3 h4 h5 h6 head \
    header hgroup hr html i iframe image img input keygen li link listing main malignmark marquee \
    math menu meta mglyph mi mn mo ms mtext nav nobr noembed noframes noscript object ol optgroup \
    option p param plaintext pre rb rp rt rtc ruby s script search section select small source \
    span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead \
    title tr track tt u ul var video wbr xmp \
    abbr bdi bdo cite data del dfn ins kbd label mark q samp time \
    legend svg:a
    """

  /// By the key of the name.
  static let known = NameTable(
    allCases.dropFirst().filter { $0 != .svgA }.map { ($0.text, Known(name: $0, traits: $0.traits)) }, capacity: 512)

  struct Known {
    var name: Tag
    var traits: TagTraits
  }

  /// The name in lower case.
  var text: String { Tag.texts[Int(rawValue)] }

  private static let texts = [""] + names.description.split(separator: " ").map(String.init)

  /// What tree construction asks about an HTML element of this name.
  var traits: TagTraits { endsPlainly ? ownTraits.union(.endsPlainly) : ownTraits }

  private var endsPlainly: Bool {
    switch self {
    case .span, .div, .p, .li, .ul, .ol, .dl, .dd, .dt, .pre, .blockquote, .section, .article, .aside, .nav, .main,
      .header, .footer, .address, .figure, .figcaption, .center, .details, .summary, .fieldset, .button, .menu,
      .sub, .sup, .var, .abbr, .bdi, .bdo, .cite, .data, .del, .dfn, .ins, .kbd, .label, .mark, .q, .samp, .time:
      true
    default: false
    }
  }

  private var ownTraits: TagTraits {
    switch self {
    case .a: [.formatting, .inline, .linkBearing]
    case .b, .big, .code, .em, .i, .s, .small, .strike, .strong, .tt, .u, .nobr:
      [.formatting, .inline, .breaksOut]
    case .font: [.formatting, .inline]
    case .span, .sub, .sup, .var: [.inline, .breaksOut]
    case .ruby: [.inline, .breaksOut]
    case .wbr, .basefont, .bgsound, .noembed, .noframes, .noscript, .param, .style, .title: [.inline, .special]
    case .area, .base, .link, .script, .source, .track: [.inline, .special, .linkBearing]
    case .meta: [.inline, .special, .breaksOut, .linkBearing]
    case .rb, .rp, .rt, .rtc: [.inline, .implied]
    case .unknown, .abbr, .bdi, .bdo, .cite, .data, .del, .dfn, .ins, .kbd, .label, .mark, .q, .samp, .time: [.inline]
    case .applet, .marquee: [.special, .scope]
    case .object: [.special, .scope, .linkBearing]
    case .html: [.special, .scope, .tableScope, .linkBearing]
    case .table: [.special, .scope, .tableScope, .breaksOut]
    case .template: [.inline, .special, .scope, .tableScope]
    case .caption, .td, .th: [.special, .scope, .impliedThoroughly]
    case .colgroup, .tbody, .tfoot, .thead, .tr: [.special, .impliedThoroughly]
    case .ol, .ul: [.special, .listScope, .breaksOut]
    case .button: [.special, .buttonScope]
    case .dd, .dt, .li: [.special, .implied, .breaksOut]
    case .p: [.special, .implied, .breaksOut]
    case .optgroup, .option: [.implied]
    case .blockquote, .body, .br, .center, .div, .dl, .h1, .h2, .h3, .h4, .h5, .h6, .head, .hr, .listing, .menu, .pre:
      [.special, .breaksOut]
    case .embed, .img: [.special, .breaksOut, .linkBearing]
    case .form, .frame, .iframe, .input: [.special, .linkBearing]
    case .audio, .video, .image: [.linkBearing]
    case .address, .article, .aside, .col, .details, .dir, .fieldset, .figcaption, .figure, .footer, .frameset, .header,
      .hgroup, .keygen, .main, .nav, .plaintext, .search, .section, .select, .summary, .textarea, .xmp:
      [.special]
    case .svgA, .annotationXML, .desc, .dialog, .foreignObject, .legend, .malignmark, .math, .mglyph, .mi, .mn, .mo,
      .ms,
      .mtext, .svg:
      []
    }
  }

  var isHeading: Bool { rawValue >= Tag.h1.rawValue && rawValue <= Tag.h6.rawValue }
}

/// Properties of element names.
struct TagTraits: OptionSet {
  let rawValue: UInt16

  /// Ends the search of an element "in scope", and of the scopes below, which extend it.
  static let scope = TagTraits(rawValue: 1)
  static let listScope = TagTraits(rawValue: 1 << 1)
  static let buttonScope = TagTraits(rawValue: 1 << 2)
  /// Ends the search of an element "in table scope", and clearing back to a table context.
  static let tableScope = TagTraits(rawValue: 1 << 3)
  /// In the standard's category "special".
  static let special = TagTraits(rawValue: 1 << 4)
  static let formatting = TagTraits(rawValue: 1 << 5)
  /// An HTML integration point (foreign elements only).
  static let htmlIntegration = TagTraits(rawValue: 1 << 6)
  /// A MathML text integration point (foreign elements only).
  static let mathTextIntegration = TagTraits(rawValue: 1 << 7)

  /// Its end tag may be implied; the second kind only where the standard says "thoroughly".
  static let implied = TagTraits(rawValue: 1 << 8)
  static let impliedThoroughly = TagTraits(rawValue: 1 << 9)
  /// Its start tag ends foreign content.
  static let breaksOut = TagTraits(rawValue: 1 << 10)
  /// Does not part words: it stands within a line of text, as every element does that the standard's style sheet (HTML
  /// Standard, 15.3) gives no other display, or it is not displayed. Of HTML's elements only; of others `a` alone does not.
  static let inline = TagTraits(rawValue: 1 << 11)
  /// Carries a link or a fact about the page: its attributes are read.
  static let linkBearing = TagTraits(rawValue: 1 << 12)
  /// Its end tag in a body, when it is the current node, pops it and does nothing else.
  static let endsPlainly = TagTraits(rawValue: 1 << 13)
}
