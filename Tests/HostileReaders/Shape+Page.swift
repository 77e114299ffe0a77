extension Shape {
  /// Five hundred formatting elements that are all different, open around what follows.
  private static let formatted = (0..<500).map { "<b id=\($0)>" }.joined()
  /// As long as a host may be before it is brought to ASCII, and no letter twice in a label.
  private static let longHost = String(
    String.UnicodeScalarView((0..<660).map { $0 % 84 == 83 ? "." : Unicode.Scalar(0x4E00 + $0 * 17)! }))
  private static let longBase = "<base href='http://h/" + String(repeating: "b", count: 2_000) + "'>"

  static let pages: [Shape] = nesting + formatting + tables + raw + attributes + facts

  private static let nesting: [Shape] = [
    Shape("<div>"), Shape("<a href=x>"), Shape("<p>"), Shape("<span>"), Shape("<x>"), Shape("<li>"), Shape("<ul><li>"),
    Shape("<dd>"), Shape("<h1>"), Shape("<button>"), Shape("<p><button>"), Shape("<div>", after: "<p><button>"),
    Shape("<ruby><rt>"), Shape("<object>"), Shape("<marquee>"), Shape("<form>"), Shape("<form><div></form>"),
    Shape("<svg>"), Shape("<svg><a>"), Shape("<svg></p>"), Shape("<svg><desc>"), Shape("<math><mi>"),
    Shape("<math><mi><svg>"),
    Shape("<template>"), Shape("<template></template>"), Shape("<template><a href=x>"), Shape("<frameset>"),
    Shape("<option>"), Shape("<optgroup><option>"), Shape("<select>"), Shape("<select><option>"),
    Shape("<select><select>"),
    Shape("</p>"), Shape("</br>"), Shape("</div>"), Shape("</x>", after: "<x><y>"), Shape("</a>"), Shape("</body>"),
    Shape("</h1>", after: String(repeating: "<div>", count: 500)), Shape("<div></div>"), Shape("<br>"), Shape("<body>"),
    Shape("<html lang=x>"), Shape("<head>"), Shape("<noscript>"), Shape("<frame src=x>", after: "<frameset>"),
    Shape("</svg>", after: String(repeating: "<math>", count: 500)), Shape("<image src=x>"),
    Shape("</y>", after: String(repeating: "<x>", count: 500), named: "end tags of nothing within 500 elements"),
    Shape("</p>", after: "<p>" + String(repeating: "<span>", count: 500), named: "</p> within 500 elements"),
    Shape("<p>", after: "<p>" + String(repeating: "<span>", count: 505), named: "<p> within 505 elements"),
  ]

  private static let formatting: [Shape] = [
    Shape("<b>"), Shape("<b><i><u>"), Shape("<b><p>"), Shape("<b><p></b>"), Shape("<b><p></b></p>"),
    Shape("<b><i></b></i>"),
    Shape("<a><div>"), Shape("<a href=x><div></a>"), Shape("<a href=x><p></a></p>"), Shape("<nobr>"),
    Shape("<nobr><p>"),
    Shape("<font color=x>"), Shape("<p><b></p>"), Shape("<b></p><p>"), Shape("<b><table>"), Shape("<object><b>"),
    Shape("<b><div><div><div><div></b>"), Shape("<i><b><div></i></b>"),
    Shape("formatting elements that differ") { "<b id=\($0)>" },
    Shape("paragraphs of formatting elements that differ") { "<p><b id=\($0)></p>" },
    Shape("</a>", after: formatted, named: "</a> within 500 formatting elements"),
    Shape("<a>", after: formatted, named: "<a> within 500 formatting elements"),
    Shape("</b>", after: formatted, named: "</b> within 500 formatting elements"),
    Shape("<b>", after: formatted, named: "<b> within 500 formatting elements"),
    Shape("<p></p>", after: formatted, named: "<p></p> within 500 formatting elements"),
    Shape("<nobr>", after: formatted, named: "<nobr> within 500 formatting elements"),
    Shape("<form><div></form>", after: formatted, named: "<form><div></form> within 500 formatting elements"),
    Shape("<p>x", after: formatted + "</p>", named: "paragraphs after 500 formatting elements"),
    Shape("x<br>", after: "<p>" + formatted + "</p>", named: "text after 500 formatting elements"),
    Shape("<i><p></i>", after: formatted, named: "<i><p></i> within 500 formatting elements"),
    Shape("<b><p></b>", after: "<p>" + formatted, named: "<b><p></b> within 500 formatting elements"),
    Shape("<a><p></a>", after: "<div>" + (0..<480).map { "<i id=\($0)>" }.joined(), named: "<a><p></a> within 480"),
    Shape("</i>", after: "<p>" + formatted + "<object>", named: "</i> behind a marker"),
  ]

  private static let tables: [Shape] = [
    Shape("<table>"), Shape("<table><tr><td>"), Shape("<table><a href=x>"), Shape("<a href=x>", after: "<table>"),
    Shape("x", after: "<table>"), Shape("<p>", after: "<table>"), Shape("<b>", after: "<table>"),
    Shape("<tr>", after: "<table>"),
    Shape("<td>", after: "<table>"), Shape("<col>", after: "<table>"), Shape("<caption>", after: "<table>"),
    Shape("<caption><table>"), Shape("<tbody>", after: "<table>"), Shape("</td>", after: "<table><td>"),
    Shape("<table></table>"), Shape("<select>", after: "<table>"), Shape("<select><td>", after: "<table>"),
    Shape("<table><select>"), Shape("<form>", after: "<table>"), Shape("<input type=hidden>", after: "<table>"),
    Shape("</table>", after: "<table><td>" + String(repeating: "<div>", count: 500) + "<select>"),
    Shape(
      "<td>", after: "<table><td>" + String(repeating: "<table><td>", count: 200), named: "cells within 200 tables"),
    Shape("</tr>", after: "<table><td>" + String(repeating: "<div>", count: 500), named: "</tr> within 500 elements"),
  ]

  private static let raw: [Shape] = [
    Shape("<"), Shape("</"), Shape("<!"), Shape("<!-"), Shape("<!--"), Shape("<!-- "), Shape("-", after: "<!--"),
    Shape("->", after: "<!--"), Shape("--!", after: "<!--"), Shape("<!-->"), Shape(">", after: "<!--x"), Shape("<?"),
    Shape("<![CDATA["), Shape("<![CDATA[", after: "<svg>"), Shape("]", after: "<svg><![CDATA["),
    Shape("]>", after: "<svg><![CDATA["), Shape("]]>", after: "<svg>"), Shape("<script>"), Shape("<script></script>"),
    Shape("<script", after: "<script><!--"), Shape("<script><!--<script"), Shape("<script ", after: "<script><!--"),
    Shape("</script", after: "<script>"), Shape("</script ", after: "<script><!--<script "),
    Shape("-->", after: "<script><!--"),
    Shape("<!--", after: "<script>"), Shape("<title>"), Shape("</titl", after: "<title>"), Shape("<title>x</title>"),
    Shape("</textarea x", after: "<textarea>"), Shape("<textarea></textarea>"), Shape("<style></style>"),
    Shape("<xmp>"),
    Shape("x&", after: "<xmp>"), Shape("<plaintext>"), Shape("&<", after: "<plaintext>"), Shape("<iframe>"),
    Shape("&"), Shape("&a"), Shape("&amp"), Shape("&amp;"), Shape("&#"), Shape("&#1"), Shape("1", after: "&#"),
    Shape("&#x1;"),
    Shape("f", after: "&#x"), Shape("&CounterClockwiseContourIntegra"), Shape("&NotEqualTilde;"), Shape("\0"),
    Shape(" "),
    Shape("\n"), Shape("\r"), Shape("x"), Shape("x "), Shape("\u{E9}"), Shape("\u{3000}"), Shape("\u{C2}"), Shape("-"),
    Shape("<!doctype html>"), Shape("<p>x"), Shape("\u{FEFF}"),
  ]

  private static let attributes: [Shape] = [
    Shape(" a", after: "<a"), Shape(" a=b", after: "<a"), Shape("/", after: "<a "), Shape("=", after: "<a "),
    Shape("\"", after: "<a "), Shape("'", after: "<a "), Shape("<a href=\""), Shape("<a href='"), Shape("<a b=\">"),
    Shape("<a b="), Shape("<a ", named: "tags that never end"), Shape("x", after: "<"), Shape("x", after: "<a "),
    Shape("x", after: "<a href="), Shape("x", after: "<a href='", before: "'>"), Shape(" ", after: "<a href ="),
    Shape("&", after: "<a href='", before: "'>"), Shape("&amp", after: "<a href='", before: "'>"),
    Shape("\u{E9}", after: "<a href='", before: "'>"), Shape("\u{FF}", after: "<a rel='", before: "' href=x>"),
    Shape("attributes that differ", after: "<a ", before: " href=x>") { "a\($0)=1 " },
    Shape("attributes of a formatting element", after: "<b ", before: ">") { "a\($0)=1 " },
    Shape(" href=x", after: "<a"), Shape("<a href='x'y='z'>"),
    Shape(" x", after: "<link rel='next", before: "' href=x>"),
  ]

  private static let facts: [Shape] = [
    Shape("<a href=/>"), Shape("<a href='?'>"),
    Shape("<a href=x>", after: longBase, named: "links joined with a long base"),
    Shape("<a href='?'>", after: longBase, named: "queries joined with a long base"),
    Shape("<a href='x'>", before: longBase, named: "a long base behind the links"),
    Shape("<base href=x>"), Shape("<a href='../../../..'>"), Shape("../", after: "<a href='", before: "'>"),
    Shape("links that differ") { "<a href=\($0)>x</a>" },
    Shape("links to hosts that differ") { "<a href=//h\($0)/>x</a>" },
    Shape("links to long hosts beyond ASCII") { "<a href=//\(longHost)\($0)/>x</a>" },
    Shape("links to hosts beyond ASCII") { "<a href=//\u{E9}\($0)/>x</a>" },
    Shape(",", after: "<img srcset='"), Shape("a,", after: "<img srcset='"),
    Shape("a 1x,", after: "<img srcset='", before: "'>"),
    Shape("(", after: "<img srcset='a ", before: "'>"), Shape("<img srcset='a 1x,b'>"),
    Shape("<img alt=x>", after: "<a href=x>"),
    Shape("<meta http-equiv=refresh content='0;url=x'>"), Shape("<meta name=robots content=none>"),
    Shape("none,", after: "<meta name=robots content='", before: "'>"), Shape("<meta property=og:title content=x>"),
    Shape("<meta charset=x>"), Shape("<meta name=description content=x>"),
    Shape("<link rel=canonical href=x hreflang=de>"),
    Shape("<area href=x alt=y>"), Shape("x", after: "<h1>"), Shape("x ", after: "<title>"),
    Shape("&amp;", after: "<title>"),
    Shape("<h1></h1>"), Shape("<frameset><frame src=x></frameset>"), Shape("<link href=x>", before: "<frameset>"),
    Shape("<embed src=x>"), Shape("<track src=x>"), Shape("<video src=x poster=y>"), Shape("<input type=image src=x>"),
  ]

  /// The first byte chooses the encoding: shift_jis, iso-2022-jp, gb18030, big5, euc-jp, euc-kr, UTF-16.
  static let legacyPages: [Shape] =
    ["\u{4}", "\u{5}", "\u{6}", "\u{8}", "\u{9}", "\u{A}", "\u{2}", "\u{1}", "\u{F}"].flatMap { encoding in
      ["<a href=x>", "x", "\u{81}", "\u{E9}", "\u{1B}$B", "\u{1B}", "<a href='?\u{E9}'>"].map { unit in
        Shape(unit, after: encoding, named: "\(encoding.utf8.first!): \(unit)")
      }
    }

  static let xml: [Shape] = [
    Shape("<a:", after: root), Shape("<a:b>", after: root), Shape("<h:a xmlns:h='u'>", after: root),
    Shape("<h:a xmlns:h='http://www.w3.org/1999/xhtml' href='x'/>", after: root),
    Shape("<a xmlns='u'>", after: root), Shape("<a xmlns='u'></a>", after: root), Shape(" xmlns='u'", after: "<html"),
    Shape("prefixes that differ", after: "<html ", before: "><a href='x'/>") { "xmlns:p\($0)='u' " },
    Shape("elements with prefixes that differ", after: root) { "<p\($0):a xmlns:p\($0)='u'>" },
    Shape("<![CDATA[", after: root), Shape("<![CDATA[]]>", after: root), Shape("]", after: root + "<![CDATA["),
    Shape("]>", after: root + "<![CDATA["), Shape("<?x", after: root), Shape("<?x?>", after: root), Shape("<!DOCTYPE"),
    Shape("<!ENTITY a 'b'>", after: "<!DOCTYPE a ["), Shape("[", after: "<!DOCTYPE a "),
    Shape("'", after: "<!DOCTYPE a "),
    Shape("&lol;", after: root), Shape("&eacute;", after: root), Shape("<script src='x'/>", after: root),
    Shape("<a href='x'/>", after: root), Shape("<a href='&#1;'/>", after: root), Shape("</a>", after: root),
    Shape("</a>", after: root + String(repeating: "<b>", count: 500), named: "end tags of nothing within 500 elements"),
    Shape("<b>", after: root), Shape("<b></b>", after: root), Shape("<b></a>", after: root),
    Shape("<a href='x'>", after: root),
    Shape("<title>", after: root), Shape("<title>x</title>", after: root), Shape("<h1>x", after: root),
    Shape("x", after: root),
    Shape("&amp;", after: root + "<title>"), Shape("&", after: root + "<title><![CDATA["),
    Shape("\r", after: root + "<a href='"),
    Shape("<template><script>", after: root), Shape("<a xlink:href='x' xlink:href='y'>", after: root),
    Shape(" href='x'", after: root + "<a", before: ">"),
    Shape("<svg xmlns='http://www.w3.org/2000/svg'><title>", after: root),
    Shape("x", after: root + "<"), Shape("x", after: root + "<a "), Shape("<", after: root), Shape("</", after: root),
    Shape("declarations of one prefix", after: root) { "<p xmlns:h='u\($0 % 2)'>" },
    Shape(
      "<h:b>",
      after: "<html "
        + (0..<64).map { "xmlns:\(Character(Unicode.Scalar(0x3B1 + $0)!))='http://www.w3.org/2000/svg' " }.joined()
        + ">", named: "a prefix behind 64 others"),
    Shape("<a href='x' HREF='y'>", after: root), Shape("<base href='x'/>", after: root),
  ]

  private static let root = "<html xmlns='http://www.w3.org/1999/xhtml'>"
}
