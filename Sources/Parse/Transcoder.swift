import WebURL

/// The legacy encodings of the Encoding Standard by name: text to UTF-8, and a URL's query back to bytes.
enum Transcoder {
  /// The whole text; what cannot be decoded becomes U+FFFD. `name` is one that `EncodingLabels` gives, other than utf-8.
  ///
  /// Linear in the length; at most three bytes per byte.
  static func utf8(_ body: UnsafeBufferPointer<UInt8>, from name: String) -> [UInt8] {
    var queues = DecoderQueues(body)
    switch name {
    case "gbk", "gb18030": GB18030.decode(&queues)
    case "big5": Big5.decode(&queues)
    case "euc-jp": EUCJP.decode(&queues)
    case "iso-2022-jp": ISO2022JP.decode(&queues)
    case "shift_jis": ShiftJIS.decode(&queues)
    case "euc-kr": EUCKR.decode(&queues)
    case "utf-16be": UTF16.decode(&queues, isBigEndian: true)
    case "utf-16le": UTF16.decode(&queues, isBigEndian: false)
    // Encodings that are an attack as such decode to one replacement character.
    case "replacement": if !body.isEmpty { queues.writeError() }
    default: singleByte(name).decode(&queues)
    }
    return queues.output
  }

  /// The encoder of the queries in a page of this encoding; nil for UTF-8, which stands in for encodings without one.
  static func queryEncoder(_ name: String) -> QueryEncoder? {
    switch name {
    case "utf-8", "utf-16be", "utf-16le", "replacement": nil
    default: { encode($0, in: name) }
    }
  }

  private static func encode(_ query: UnsafeBufferPointer<UInt8>, in name: String) -> [UInt8] {
    var queues = EncoderQueues(query)
    switch name {
    case "gbk": GB18030.encode(&queues, isGBK: true)
    case "gb18030": GB18030.encode(&queues, isGBK: false)
    case "big5": Big5.encode(&queues)
    case "euc-jp": EUCJP.encode(&queues)
    case "iso-2022-jp": ISO2022JP.encode(&queues)
    case "shift_jis": ShiftJIS.encode(&queues)
    case "euc-kr": EUCKR.encode(&queues)
    default: singleByte(name).encode(&queues)
    }
    return queues.output
  }

  private static func singleByte(_ name: String) -> SingleByte {
    guard let encoding = SingleByte.all[name] else { fatalError("no encoding has the name \(name)") }
    return encoding
  }
}
