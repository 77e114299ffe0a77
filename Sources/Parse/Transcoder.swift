private import CICU

/// Decodes encodings that the tokenizer cannot read as they are, to UTF-8.
enum Transcoder {
  /// The whole text; nil when the encoding is not known to ICU. What cannot be decoded becomes U+FFFD.
  ///
  /// Linear in the length; at most three bytes per byte.
  static func utf8(_ body: UnsafeBufferPointer<UInt8>, from name: String) -> [UInt8]? {
    switch name {
    // Encodings that are an attack as such decode to one replacement character.
    case "replacement": return body.isEmpty ? [] : Array("\u{FFFD}".utf8)
    case "x-user-defined": return userDefined(body)
    case "iso-8859-16": return latin10(body)
    default: return convert(body, from: converterName(name))
    }
  }

  /// What ICU calls the decoder that the Encoding Standard means.
  private static func converterName(_ name: String) -> String {
    switch name {
    case "gbk": "gb18030"
    case "shift_jis": "windows-31j"
    case "euc-kr": "windows-949"
    case "big5": "big5-hkscs"
    case "iso-8859-8-i": "iso-8859-8"
    case "windows-874": "windows-874-2000"
    default: name
    }
  }

  private static func convert(_ body: UnsafeBufferPointer<UInt8>, from name: String) -> [UInt8]? {
    var code = CICU_OK
    guard let source = cicu_converter_open(name, &code) else { return nil }
    defer { cicu_converter_close(source) }
    guard let target = cicu_converter_open("UTF-8", &code) else { return nil }
    defer { cicu_converter_close(target) }
    let pivotCapacity = 4_096
    let chunk = 65_536
    var output: [UInt8] = []
    output.reserveCapacity(body.count + body.count / 2)
    return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: pivotCapacity) { pivot -> [UInt8]? in
      guard let pivotStart = pivot.baseAddress, let start = body.baseAddress else { return [] }
      var pivotSource: UnsafeMutablePointer<UInt16>? = pivotStart
      var pivotTarget: UnsafeMutablePointer<UInt16>? = pivotStart
      return UnsafeRawPointer(start).withMemoryRebound(to: CChar.self, capacity: body.count) { characters in
        var position: UnsafePointer<CChar>? = characters
        var isFirst = true
        repeat {
          code = CICU_OK
          let buffer = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
            buffer.withMemoryRebound(to: CChar.self) { buffer in
              var written = buffer.baseAddress
              cicu_converter_convert(
                target, source, &written, buffer.baseAddress.map { UnsafePointer($0 + chunk) }, &position,
                characters + body.count, pivotStart, &pivotSource, &pivotTarget, pivotStart + pivotCapacity, isFirst,
                true, &code)
              if let written, let first = buffer.baseAddress { count = written - first }
            }
          }
          output += buffer
          isFirst = false
        } while code == CICU_BUFFER_OVERFLOW
        return cicu_failed(code) ? nil : output
      }
    }
  }

  /// ISO-8859-16, which ICU does not have.
  private static func latin10(_ body: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    let high = Array(
      """
      \u{A0}ĄąŁ€„Š§š©Ș«Ź\u{AD}źŻ°±ČłŽ”¶·žčș»ŒœŸż\
      ÀÁÂĂÄĆÆÇÈÉÊËÌÍÎÏĐŃÒÓÔŐÖŚŰÙÚÛÜĘȚßàáâăäćæçèéêëìíîïđńòóôőöśűùúûüęțÿ
      """.unicodeScalars)
    var output = ""
    for byte in body {
      output.unicodeScalars.append(byte < 0xA0 ? Unicode.Scalar(byte) : high[Int(byte &- 0xA0)])
    }
    return Array(output.utf8)
  }

  /// ASCII, and above it the private use characters from U+F780.
  private static func userDefined(_ body: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    for byte in body {
      if byte < 0x80 {
        output.append(byte)
      } else {
        output += [0xEF, 0x9E | (byte &- 0x80) &>> 6, 0x80 | byte & 0x3F]
      }
    }
    return output
  }
}
