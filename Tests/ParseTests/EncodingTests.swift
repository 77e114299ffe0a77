import Parse
import Testing

/// The decoders of the Encoding Standard, seen through the value of an attribute.
struct EncodingTests {
  /// One value per text. The texts may hold no quotation mark, ampersand, carriage return or NUL.
  private func decode(_ texts: [[UInt8]], _ label: String) -> [String] {
    let body = texts.flatMap { Array("<a href=\"".utf8) + $0 + Array("\">".utf8) }
    return PageReader.read(body, url: documentURL, contentType: "text/html; charset=\(label)").links.map(\.value)
  }

  /// FNV-1a in 64 bits.
  private func hash(_ values: [String]) -> UInt64 {
    values.joined(separator: "\n").utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  @Test(arguments: [
    ("gbk", 0xEC51_18A8_F301_C0F2 as UInt64), ("gb18030", 0xEC51_18A8_F301_C0F2), ("big5", 0x0937_FD49_6508_0C20),
    ("shift_jis", 0x7F1F_6A1C_A479_9559), ("euc-jp", 0x060B_A657_B3CC_6743), ("euc-kr", 0x8FCE_7E7A_8CF1_9880),
  ])
  func allPairsMeanWhatTheIndexesSay(label: String, expected: UInt64) {
    let rows = (0x80...0xFF).map { lead in (0x40...0xFF).flatMap { [lead, $0, 0x0A] as [UInt8] } as [UInt8] }
    #expect(hash(decode(rows, label)) == expected)
  }

  @Test func allOfJIS0212MeansWhatTheIndexSays() {
    let rows = (0xA0...0xFF).map { row in (0xA0...0xFF).flatMap { [0x8F, row, $0, 0x0A] as [UInt8] } as [UInt8] }
    #expect(hash(decode(rows, "euc-jp")) == 0x4500_6E5F_3091_2FBF)
  }

  @Test func allOfISO2022JPMeansWhatTheIndexSays() {
    let rows = (0x21...0x7E).map { row in
      [0x1B, 0x24, 0x42] + (0x21...0x7E).flatMap { [row, $0] as [UInt8] } + [0x1B, 0x28, 0x42] as [UInt8]
    }
    #expect(hash(decode(rows, "iso-2022-jp")) == 0xE865_0E9E_0156_08D0)
  }

  @Test(arguments: [
    ("ibm866", 0x1FC2_571F_0480_6DCA as UInt64), ("iso-8859-2", 0x5880_24DC_95E3_E2B6),
    ("iso-8859-3", 0x135E_6197_4CA2_4517), ("iso-8859-4", 0x91E3_74CB_717C_9E0F),
    ("iso-8859-5", 0xB83A_DA89_4CDB_942F), ("iso-8859-6", 0x5479_4F86_B052_C862),
    ("iso-8859-7", 0x8A37_FB52_2272_B5E9), ("iso-8859-8", 0xDA8A_B993_F355_95DD),
    ("iso-8859-8-i", 0xDA8A_B993_F355_95DD), ("iso-8859-10", 0xF625_5D1C_555E_A19B),
    ("iso-8859-13", 0xC629_5F21_6259_D2E1), ("iso-8859-14", 0xDC6E_3A7B_6097_D8B5),
    ("iso-8859-15", 0x5DF0_B681_D68E_ED40), ("iso-8859-16", 0x67E7_1470_C2C3_C702),
    ("koi8-r", 0x0525_656E_2FBD_23BD), ("koi8-u", 0x042B_0ACD_8C13_4FC1), ("macintosh", 0xF863_2623_AB53_7BB5),
    ("windows-874", 0x54FE_9749_B6D1_9313), ("windows-1250", 0x6CCE_F657_3D6D_9235),
    ("windows-1251", 0x9448_B7D0_66A7_53A5), ("windows-1253", 0xDED5_F7D2_4E4D_C710),
    ("windows-1254", 0x29E5_A164_D75B_4794), ("windows-1255", 0xBAA3_1A84_BEE9_449F),
    ("windows-1256", 0xE1F9_D919_0525_E0CB), ("windows-1257", 0x879C_25A3_BA7F_16CE),
    ("windows-1258", 0xFFED_1FCE_560D_4F03), ("x-mac-cyrillic", 0x18E0_67F8_C866_B605),
  ])
  func allBytesMeanWhatTheIndexesSay(label: String, expected: UInt64) {
    #expect(hash(decode([Array(0x80...0xFF)], label)) == expected)
  }

  @Test(arguments: [
    ("koi8-u", [0xAE, 0xBE] as [UInt8], "ўЎ"), ("windows-874", [0xDB, 0xFF, 0xDF], "\u{FFFD}\u{FFFD}฿"),
    ("windows-1253", [0xAA], "\u{FFFD}"), ("windows-1255", [0xCA], "\u{5BA}"),
    ("gbk", [0x80, 0xA3, 0xA0, 0xFF], "€\u{3000}\u{FFFD}"),
    (
      "gb18030", [0xA6, 0xD9, 0xA6, 0xDB, 0xA6, 0xF3, 0xFE, 0x59, 0xFE, 0xA0],
      "\u{FE10}\u{FE11}\u{FE19}\u{9FB4}\u{9FBB}"
    ),
    ("big5", [0x87, 0xA4, 0x88, 0x40, 0x88, 0x62, 0x88, 0xA5], "\u{9F97}\u{31C0}\u{CA}\u{304}\u{EA}\u{30C}"),
    ("shift_jis", [0x80, 0xA0, 0xFD, 0xF0, 0x40, 0xFC, 0x4B], "\u{80}\u{FFFD}\u{FFFD}\u{E000}黑"),
    ("euc-kr", [0x80, 0x81, 0x41, 0xC6, 0x52, 0xC6, 0x53], "\u{FFFD}갂힣\u{FFFD}S"),
    ("euc-jp", [0x80, 0x8E, 0xB1, 0x8E, 0xE0, 0x8F, 0xB0, 0xA1, 0x8F, 0xF3, 0xA1], "\u{FFFD}ｱ\u{FFFD}丂\u{FFFD}"),
  ])
  func bytesThatAreOftenTakenForOthers(label: String, bytes: [UInt8], expected: String) {
    #expect(decode([bytes], label).first?.unicodeScalars.elementsEqual(expected.unicodeScalars) == true)
  }

  @Test(arguments: [
    ("big5", [0x81, 0x40] as [UInt8], "\u{FFFD}@"), ("shift_jis", [0x82, 0x40], "\u{FFFD}@"),
    ("euc-kr", [0x81, 0x5B], "\u{FFFD}["), ("euc-jp", [0xA4, 0x41], "\u{FFFD}A"),
    ("euc-jp", [0x8F, 0xA1, 0x41], "\u{FFFD}A"),
    ("gbk", [0x81, 0x20], "\u{FFFD} "), ("gbk", [0x81, 0x7F], "\u{FFFD}\u{7F}"), ("gbk", [0x81, 0xFF], "\u{FFFD}"),
    ("gb18030", [0x81, 0x30, 0x41], "\u{FFFD}0A"), ("gb18030", [0x81, 0x30, 0x81, 0x41], "\u{FFFD}0丄"),
    ("gb18030", [0x84, 0x31, 0xA5, 0x30], "\u{FFFD}"), ("gb18030", [0x90, 0x30, 0x81, 0x30], "\u{10000}"),
    ("gb18030", [0xE3, 0x32, 0x9A, 0x35, 0xE3, 0x32, 0x9A, 0x36], "\u{10FFFF}\u{FFFD}"),
    ("gb18030", [0x81, 0x35, 0xF4, 0x37], "\u{E7C7}"),
  ])
  func anASCIIByteBehindABrokenLeadStays(label: String, bytes: [UInt8], expected: String) {
    #expect(decode([bytes], label).first == expected)
  }

  @Test(arguments: [
    ("\u{1B}.A", "\u{FFFD}.A"), ("\u{1B}$(D", "\u{FFFD}$(D"), ("\u{1B}", "\u{FFFD}"), ("\u{1B}(", "\u{FFFD}("),
    ("\u{1B}(J\\~\u{1B}(B\\~", "¥‾\\~"), ("\u{1B}(I1_`\u{1B}(B", "ｱﾟ\u{FFFD}"), ("\u{1B}$@F|\u{1B}(B", "日"),
    ("\u{1B}$BF\u{1B}(Bx", "\u{FFFD}x"), ("\u{1B}$BF \u{1B}(Bx", "\u{FFFD}x"), ("\u{1B}$B\u{1B}(Bx", "\u{FFFD}x"),
    ("\u{E}\u{F}x", "\u{FFFD}\u{FFFD}x"), ("\u{1B}$BF|\u{1B}(D\u{1B}(B", "日\u{FFFD}\u{FFFD}"),
  ])
  func escapesOfISO2022JP(text: String, expected: String) {
    #expect(decode([Array(text.utf8)], "iso-2022-jp") == [expected])
  }

  @Test(arguments: [
    ("gb18030", [0x81] as [UInt8]), ("gb18030", [0x81, 0x30]), ("gb18030", [0x81, 0x30, 0x81]), ("big5", [0x81]),
    ("shift_jis", [0x81]), ("euc-kr", [0x81]), ("euc-jp", [0xA1]), ("euc-jp", [0x8F]), ("euc-jp", [0x8F, 0xA1]),
    ("iso-2022-jp", [0x1B]), ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x21]),
  ])
  func aTextThatEndsEarlyEndsInOneError(label: String, bytes: [UInt8]) {
    let page = PageReader.read(
      Array("<a href=x>".utf8) + bytes, url: documentURL, contentType: "text/html; charset=\(label)")
    #expect(page.links.first?.anchor == "\u{FFFD}")
  }

  @Test(arguments: [
    ([0x00, 0xD8, 0x41, 0x00, 0x00, 0xDC] as [UInt8], "\u{FFFD}A\u{FFFD}"),
    ([0x00, 0xD8, 0x3D, 0xD8, 0x00, 0xDE], "\u{FFFD}😀"), ([0x41, 0x00, 0x41], "A\u{FFFD}"),
    ([0x3D, 0xD8, 0x00], "\u{FFFD}"), ([0x3D, 0xD8], "\u{FFFD}"),
  ])
  func surrogatesOfUTF16StandInPairs(bytes: [UInt8], expected: String) {
    let start = "<a href=x>".utf8.flatMap { [$0, 0] as [UInt8] }
    let page = PageReader.read(start + bytes, url: documentURL, contentType: "text/html; charset=utf-16le")
    #expect(page.links.first?.anchor == expected)
  }
}
