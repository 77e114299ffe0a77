import Parse
import Testing
import WebURL

/// Queries in the encoding of their page (URL Standard, "percent-encode after encoding"; the Encoding Standard's encoders).
struct QueryEncodingTests {
  /// The URLs of the links of `html`, in which printable ASCII and references spell everything.
  private func urls(_ html: String, _ label: String) -> [String?] {
    PageReader.read(Array(html.utf8), url: documentURL, contentType: "text/html; charset=\(label)").links
      .map { $0.url?.href }
  }

  private func query(_ text: String, _ label: String) -> String? {
    let references = text.unicodeScalars.map { (" "..."~").contains($0) ? String($0) : "&#\($0.value);" }.joined()
    let href = urls("<a href=\"/?\(references)\">", label).first ?? nil
    return href.map { String($0.dropFirst("http://example.org/?".count)) }
  }

  @Test(arguments: [
    ("shift_jis", "q=日本", "q=%93%FA%96{"), ("windows-1252", "q=é€", "q=%E9%80"), ("gbk", "中☃", "%D6%D0%26%239731%3B"),
    ("iso-8859-1", "ü\u{81}Ω", "%FC%81%26%23937%3B"), ("koi8-u", "ўж", "%AE%D6"),
    ("x-user-defined", "\u{F780}é", "%80%26%23233%3B"),
    ("iso-8859-8-i", "א", "%E0"), ("iso-8859-16", "€", "%A4"),
    ("utf-8", "é", "%C3%A9"), ("gb18030", "☃é\u{10000}€", "%817%A30%A8%A6%900%810%A2%E3"),
    ("gbk", "€é\u{10000}", "%80%A8%A6%26%2365536%3B"),
    ("gb18030", "\u{E5E5}\u{3000}\u{E7C7}", "%26%2358853%3B%A1%A1%815%F47"),
    ("gbk", "\u{FE10}\u{E78D}\u{9FB4}\u{E81E}", "%A6%D9%A6%D9%FEY%FEY"),
    ("big5", "中═十\u{31C0}ÊЁ", "%A4%A4%F9%F9%A4Q%26%2312736%3B%26%23202%3B%C7%F9"),
    ("euc-jp", "日ｱ¥‾−丂", "%C6%FC%8E%B1\\~%A1%DD%26%2319970%3B"),
    ("shift_jis", "ｱ¥‾−纊\u{E000}", "%B1\\~%81|%FA\\%26%2357344%3B"),
    ("euc-kr", "가갂힣あ☃", "%B0%A1%81A%C6R%AA%A2%26%239731%3B"),
  ])
  func encoders(label: String, text: String, expected: String) {
    #expect(query(text, label) == expected)
  }

  @Test(arguments: [
    ("日本", "%1B$BF|K\\%1B(B"), ("a日b", "a%1B$BF|%1B(Bb"), ("¥x\\‾", "%1B(J\\x%1B(B\\%1B(J~%1B(B"),
    ("ｱ−", "%1B$B%%22!]%1B(B"), ("日☃日", "%1B$BF|%1B(B%26%239731%3B%1B$BF|%1B(B"), ("¥☃", "%1B(J\\%26%239731%3B%1B(B"),
    ("\u{E}\u{F}\u{1B}日\u{1B}x", "%26%2365533%3B%26%2365533%3B%26%2365533%3B%1B$BF|%1B(B%26%2365533%3Bx"),
    ("q=a~", "q=a~"),
  ])
  func escapesOfISO2022JP(text: String, expected: String) {
    #expect(query(text, "iso-2022-jp") == expected)
  }

  @Test func onlyTheQueryIsEncoded() {
    let page = urls("<a href='/&#233;?&#233;#&#233;'><img src='//b&#252;cher.example/&#233;?&#233;'>", "windows-1252")
    #expect(page == ["http://example.org/%C3%A9?%E9", "http://xn--bcher-kva.example/%C3%A9?%E9"])
  }

  @Test func otherSchemesAreEncodedAsUTF8() {
    let html = [
      "ws://h/?&#233;", "wss://h/?&#233;", "x:/?&#233;", "mailto:a?&#233;", "ftp://h/?&#233;", "file:///?&#233;",
    ]
    .map { "<a href='\($0)'>" }.joined()
    #expect(
      urls(html, "windows-1252") == [
        "ws://h/?%C3%A9", "wss://h/?%C3%A9", "x:/?%C3%A9", "mailto:a?%C3%A9", "ftp://h/?%E9", "file:///?%E9",
      ])
  }

  @Test func encodingsWithoutAnEncoderUseUTF8() {
    let html = "<a href='/?é'>".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let page = PageReader.read(html, url: documentURL, contentType: "text/html; charset=utf-16le")
    #expect(page.links.first?.url?.href == "http://example.org/?%C3%A9")
  }

  @Test func aC1ControlOfShiftJISIsItself() {
    let body = Array("<a href='/?".utf8) + [0x80] + Array("'>".utf8)
    let page = PageReader.read(body, url: documentURL, contentType: "text/html; charset=shift_jis")
    #expect(page.links.first?.url?.query == "%80")
  }

  @Test func allLinksOfAPageAreInItsEncoding() {
    let bytes: [UInt8] = Array("<a href='/?".utf8) + [0xE9] + Array("'><a href='/?".utf8) + [0xE9] + Array("#x'>".utf8)
    let base = Array("<base href='/b/?&#233;'><a href='?&#233;'><meta http-equiv=refresh content='1;url=?&#233;'>".utf8)
    let page = PageReader.read(bytes + base, url: documentURL, contentType: "text/html")
    #expect(page.charset == "windows-1252")
    #expect(
      page.links.map { $0.url?.pathAndQuery } == ["/?%E9", "/?%E9", "/b/?%E9", "/b/?%E9", "/b/?%E9"])
    #expect(page.base?.pathAndQuery == "/b/?%E9")
  }
}
