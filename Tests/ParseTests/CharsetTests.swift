import Parse
import Testing
import WebURL

struct CharsetTests {
  private func read(_ bytes: [UInt8], _ contentType: String? = "text/html") -> Page {
    PageReader.read(bytes, url: documentURL, contentType: contentType)
  }

  private func decided(_ html: String, _ contentType: String? = "text/html") -> String {
    let page = read(Array(html.utf8), contentType)
    return "\(page.charset) \(page.charsetSource.rawValue)"
  }

  @Test func theStrongestSourceWins() {
    let meta = "<meta charset=koi8-r>"
    #expect(decided("\u{FEFF}" + meta, "text/html; charset=gbk") == "utf-8 bom")
    #expect(decided(meta, "text/html; charset=gbk") == "gbk http")
    #expect(decided(meta + "é") == "koi8-r meta")
    #expect(decided("<p>é") == "utf-8 utf8")
    #expect(decided("<p>e") == "windows-1252 default")
    let latin = read(Array("<title>".utf8) + [0xE9, 0x80] + Array("</title>".utf8))
    #expect(latin.charset == "windows-1252" && latin.charsetSource == .default && latin.title == "é€")
    #expect(read(Array("<title>éé".utf8.dropLast())).charsetSource == .utf8)
    #expect(read(Array("<title>é".utf8.dropLast())).charsetSource == .default)
  }

  @Test(arguments: [
    ("text/html; charset=\"Shift_JIS\"", "shift_jis http"), ("text/html;charset=ISO-8859-1", "windows-1252 http"),
    ("text/html; x=y; CHARSET= utf8 ", "utf-8 http"), ("text/html; charset=bogus", "windows-1252 default"),
    ("text/html; x=\"; charset=gbk\"", "windows-1252 default"), ("text/html; charset=utf-16", "utf-16le http"),
    ("text/html; charset", "windows-1252 default"), ("text/html; charset=", "windows-1252 default"),
    ("text/html; charset=\"u\\tf-8", "utf-8 http"), ("", "windows-1252 default"),
    (";charset=latin2", "windows-1252 default"), ("text;charset=gbk", "windows-1252 default"),
    ("text/;charset=gbk", "windows-1252 default"), ("*/*;charset=gbk", "windows-1252 default"),
    ("text/html;charset=;charset=gbk", "gbk http"), ("text/html;charset=\u{7F};charset=gbk", "gbk http"),
    ("text/html;charset=\"\";charset=gbk", "windows-1252 default"), ("text/html;charset =gbk", "windows-1252 default"),
  ])
  func contentTypes(contentType: String, expected: String) {
    #expect(decided("<p>", contentType) == expected)
  }

  @Test(arguments: [
    ("<meta charset=latin2>", "iso-8859-2"), ("<META/CHARSET = ' Big5 '>", "big5"),
    ("<meta charset=utf-16be>", "utf-8"),
    ("<meta charset=x-user-defined>", "windows-1252"), ("<meta x=y charset=\"euc-kr\" charset=big5>", "euc-kr"),
    ("<meta http-equiv=Content-Type content='text/html; charset=euc-jp'>", "euc-jp"),
    ("<meta content='text/html; charset=\"euc-jp\"' http-equiv=content-type>", "euc-jp"),
    ("<meta content='text/html; charset=euc-jp'>", nil), ("<meta http-equiv=refresh content='0;charset=big5'>", nil),
    ("<meta http-equiv=content-type content='charset charset = big5;x'>", "big5"),
    ("<meta http-equiv=content-type content='charset=\"big5'>", nil), ("<meta charset=bogus>", nil),
    ("<meta charset=bogus http-equiv=content-type content='charset=big5'>", "big5"),
    ("<!-- <meta charset=big5> --><meta charset=gbk>", "gbk"), ("<!--><meta charset=gbk>", "gbk"),
    ("<p title='<meta charset=big5>'><meta charset=gbk>", "gbk"), ("<!x <meta charset=big5>", nil),
    ("</x <meta charset=big5>", nil), ("<?x <meta charset=big5>", nil), ("<metax charset=big5>", nil),
    ("<script><meta charset=gbk></script>", "gbk"), ("<meta charset=gbk", nil), ("<meta charset=gbk ", nil),
    ("<?xml version='1.0' encoding='big5'?>", "big5"), ("<?xml encoding=big5?>", nil),
    ("<?xml version='1.0' encoding = \"utf-16\"?>", "utf-8"), (" <?xml encoding='big5'?>", nil),
    ("<?xml encoding='big5'?><meta charset=gbk>", "gbk"), ("<a <meta charset=big5>", nil),
    ("< <meta charset=big5>", "big5"), ("<meta charset='big5'a=b>", "big5"),
  ])
  func declarations(html: String, expected: String?) {
    #expect(decided(html) == (expected.map { $0 + " meta" } ?? "windows-1252 default"))
  }

  @Test(arguments: [
    ("<?xml version='1.0' encoding='koi8-r'?><meta charset=gbk>", "koi8-r meta"),
    ("<meta charset=gbk>", "utf-8 default"),
    ("<?xml version='1.0'?><meta charset=gbk>é", "utf-8 default"), ("<?xml encoding='utf-16'?>", "utf-8 meta"),
    ("<\0?\0x\0m\0l\0", "utf-16le meta"), ("\u{FEFF}<?xml encoding='koi8-r'?>", "utf-8 bom"),
  ])
  func xhtmlIsDeclaredByXML(text: String, expected: String) {
    #expect(decided(text, "application/xhtml+xml") == expected)
    #expect(decided(text, "application/xhtml+xml; charset=big5") == (text.first == "\u{FEFF}" ? expected : "big5 http"))
  }

  /// The prescan finds what looks like an element, also in a script; behind it only elements count.
  @Test func onlyTheFirst1024BytesAreScanned() {
    let text = "<script>'<meta charset=big5>'"
    let room = 1_024 - text.utf8.count
    #expect(decided(String(repeating: " ", count: room + 1) + text) == "big5 meta")
    #expect(decided(String(repeating: " ", count: room + 2) + text) == "windows-1252 default")
  }

  @Test(arguments: [
    ("<meta charset=windows-1251>", "windows-1251 meta"),
    ("<meta charset=nonsense><meta charset=koi8-r><meta charset=gbk>", "koi8-r meta"),
    ("<meta http-equiv=Content-Type content='text/html; CHARSET=koi8-r'>", "koi8-r meta"),
    ("<meta content='text/html; charset=koi8-r'>", "windows-1252 default"), ("<meta charset=utf-16>", "utf-8 meta"),
    ("<template><meta charset=&#98;ig5></template>", "big5 meta"), ("</head><p><meta charset=big5>", "big5 meta"),
    ("<textarea><meta charset=big5>", "windows-1252 default"), ("<svg><meta charset=big5>", "big5 meta"),
    ("<svg><title/><desc/><path><a><meta charset=\"latin1\">", "windows-1252 default"),
  ])
  func aLateElementChangesTheEncoding(html: String, expected: String) {
    let late = "<!doctype html><!--" + String(repeating: "x", count: 1_024) + "-->" + html
    #expect(decided(late) == expected)
    #expect(decided(late, "text/html; charset=utf-8") == "utf-8 http")
    #expect(decided("\u{FEFF}" + late) == "utf-8 bom")
    #expect(decided(late, "application/xhtml+xml") == "utf-8 default")
  }

  @Test(arguments: [
    "<script>var s = '<meta charset=iso-8859-2>'</script><meta charset=utf-8>",
    "<title><meta charset=iso-8859-2></title><meta charset=utf-8>",
    "<textarea><meta charset=iso-8859-2></textarea><meta charset=utf-8>",
    "<?xml version='1.0' encoding='iso-8859-2'?>\(String(repeating: " ", count: 1_024))<meta charset=utf-8>",
    "<script>'<meta charset=iso-8859-2>'</script><meta charset=bogus><meta charset=utf-8><meta charset=gbk>",
  ])
  func whatOnlyLooksLikeADeclarationGivesWayToAnElement(html: String) {
    let page = read(Array("\(html)<h1>é€</h1>".utf8))
    #expect(page.charset == "utf-8" && page.charsetSource == .meta)
    #expect(page.h1 == "é€")
  }

  @Test func aPageInUTF16StaysSo() {
    let text = "<?xml version='1.0'?><meta charset=utf-8><h1>é</h1>"
    let page = read(Array(text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }))
    #expect(page.charset == "utf-16le" && page.h1 == "é")
  }

  @Test func aPageIsReadAgainInTheEncodingThatIsDeclaredLate() {
    let start = "<!--" + String(repeating: "x", count: 1_024) + "--><title>"
    let late = Array(start.utf8) + [0xCF, 0xF0, 0xE8] + Array("</title><meta charset=windows-1251><a href='/".utf8)
    let page = read(late + [0xE0] + Array("?".utf8) + [0xE0] + Array("'>x</a>".utf8), "text/html")
    #expect(page.title == "При")
    #expect(page.links.map { $0.url?.href } == ["http://example.org/%D0%B0?%E0"])
    // One that is right in UTF-8 is what its author says.
    #expect(read(Array("\(start)é</title><meta charset=latin1>".utf8), "text/html").title == "Ã©")
  }

  @Test(arguments: [
    ("utf-16be", [0x00, 0x41, 0x04, 0x30, 0xD8, 0x3D, 0xDE, 0x00] as [UInt8], "Aа😀"),
    ("utf-16le", [0x41, 0x00, 0x30, 0x04, 0x00, 0xD8], "Aа\u{FFFD}"),
    ("shift_jis", [0x93, 0xFA, 0xB1, 0x87, 0x40], "日ｱ①"),
    ("euc-jp", [0xC6, 0xFC], "日"), ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x46, 0x7C, 0x1B, 0x28, 0x42], "日"),
    ("gb2312", [0xD6, 0xD0], "中"), ("gb18030", [0x81, 0x30, 0x81, 0x30], "\u{80}"), ("big5", [0xA4, 0xA4], "中"),
    ("euc-kr", [0xB0, 0xA1, 0x81, 0x41], "가갂"), ("koi8-r", [0xC1], "а"), ("koi8-u", [0xA4], "є"),
    ("ibm866", [0xA0], "а"),
    ("windows-1251", [0xE0], "а"), ("iso-8859-2", [0xB1], "ą"), ("iso-8859-8-i", [0xE0], "א"),
    ("macintosh", [0x8E], "é"),
    ("iso-8859-16", [0xA4], "€"), ("iso-8859-14", [0xA1], "Ḃ"), ("iso-8859-10", [0xA1], "Ą"),
    ("iso-8859-13", [0xA5], "„"),
    ("windows-874", [0xA1], "ก"), ("x-mac-cyrillic", [0x80], "А"),
    ("x-user-defined", [0x80, 0xFF], "\u{F780}\u{F7FF}"),
    ("iso-8859-3", [0xA1], "Ħ"), ("iso-8859-4", [0xA1], "Ą"), ("iso-8859-5", [0xD0], "а"), ("iso-8859-6", [0xC7], "ا"),
    ("iso-8859-7", [0xE1], "α"), ("iso-8859-15", [0xA4], "€"), ("windows-1250", [0xB9], "ą"),
    ("windows-1253", [0xE1], "α"),
    ("windows-1254", [0xF0], "ğ"), ("windows-1255", [0xE0], "א"), ("windows-1256", [0xC7], "ا"),
    ("windows-1257", [0xE0], "ą"), ("windows-1258", [0xFE], "₫"), ("latin1", [0x93, 0x81], "“\u{81}"),
  ])
  func textIsDecoded(label: String, bytes: [UInt8], expected: String) {
    var page: [UInt8] = []
    for byte in "<a href=x>".utf8 {
      page += label == "utf-16be" ? [0, byte] : label == "utf-16le" ? [byte, 0] : [byte]
    }
    #expect(read(page + bytes, "text/html; charset=\(label)").links.first?.anchor == expected)
  }

  @Test func replacementShowsNothing() {
    let page = read(Array("<a href=x>".utf8), "text/html; charset=iso-2022-kr")
    #expect(page.charset == "replacement" && page.links.isEmpty)
  }

  @Test func invalidUTF8IsReplaced() {
    let page = read(Array("<a href='x".utf8) + [0xFF, 0xC3] + Array("'>".utf8), "text/html; charset=utf-8")
    #expect(page.links.first?.value == "x\u{FFFD}\u{FFFD}")
    #expect(page.links.first?.url?.href == "http://example.org/dir/x%EF%BF%BD%EF%BF%BD")
  }

  @Test func longTextsAreTranscodedWhole() {
    let unit: [UInt8] = [0xC1, 0xC2, 0x20]
    let body = Array("<title>".utf8) + (0..<100_000).flatMap { _ in unit } + Array("</title><a href=x>".utf8)
    let page = read(body, "text/html; charset=koi8-r")
    #expect(page.links.map(\.value) == ["x"])
    #expect(page.title?.hasPrefix("аб аб ") == true)
  }
}
