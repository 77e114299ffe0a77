/// Small bodies that decode to large ones, in layers of each coding, and large ones that decode to nothing.
extension Fault {
  package static let bombs: [Fault] =
    codecs.flatMap { codec in (1...6).map { bomb(codec, layers: $0) } } + mixed + nothing

  /// A coding: its name, what decodes to 20 MiB and more, and how bytes are wrapped in it.
  private struct Codec: Sendable {
    let name: String
    let zeros: @Sendable () -> [UInt8]
    let wrap: @Sendable ([UInt8]) -> [UInt8]
  }

  private static let codecs = [
    Codec(name: "gzip", zeros: { Gzip.zeros(mebibytes: 64) }, wrap: Gzip.stored),
    Codec(name: "deflate", zeros: { Gzip.zlibOfZeros(mebibytes: 64) }, wrap: Gzip.zlib),
    Codec(name: "br", zeros: { Brotli.bomb }, wrap: Brotli.stored),
    Codec(name: "zstd", zeros: { Zstandard.run(of: 0, mebibytes: 64) }, wrap: Zstandard.stored),
  ]

  private static func coded(_ codings: [String], _ bytes: [UInt8]) -> [WireStep] {
    [
      .send(
        Response(
          fields: ["Content-Type: text/html", "Content-Encoding: \(codings.joined(separator: ", "))"], body: bytes))
    ]
  }

  private static func bomb(_ codec: Codec, layers: Int) -> Fault {
    Fault(
      layers == 1 ? "\(codec.name)-bomb" : "\(codec.name)-bomb-of-\(layers)", is: ["bomb"],
      at: .answer { _, _ in
        let bytes = (1..<layers).reduce(codec.zeros()) { bytes, _ in codec.wrap(bytes) }
        return coded([String](repeating: codec.name, count: layers), bytes)
      })
  }

  private static let mixed: [Fault] = [
    // A gigabyte in a megabyte in some kilobytes.
    Fault(
      "gzip-of-gzip-of-a-gigabyte", is: ["bomb"],
      at: .answer { _, _ in coded(["gzip", "gzip"], Gzip.runs(Gzip.zeros(mebibytes: 1_024))) }),
    Fault(
      "gzip-of-zstd-bomb", is: ["bomb"],
      at: .answer { _, _ in coded(["zstd", "gzip"], Gzip.runs(Zstandard.run(of: 0, mebibytes: 1_024))) }),
    Fault("six-codings", is: ["bomb"], coded(["gzip", "br", "zstd", "deflate", "gzip", "br"], thousand)),
    Fault("hundred-codings", is: ["bomb", "protocol_error"], coded([String](repeating: "gzip", count: 100), thousand)),
    Fault(
      "zstd-bomb-with-large-window", is: ["bomb", "protocol_error"],
      at: .answer { _, _ in coded(["zstd"], Zstandard.run(of: 0, mebibytes: 256, windowBits: 27)) }),
    Fault(
      "gzip-bomb-in-chunks", is: ["bomb"],
      at: .answer { _, _ in
        let bytes = Gzip.zeros(mebibytes: 64)
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        return [.send(head + String(bytes.count, radix: 16) + "\r\n"), .send(bytes), .send("\r\n0\r\n\r\n")]
      }),
    Fault(
      "bomb-in-a-redirect", is: ["ok"],
      at: .answer { _, _ in
        let fields = ["Location: /robots.txt", "Content-Encoding: gzip"]
        return [.send(Response(status: 302, fields: fields, body: Gzip.zeros(mebibytes: 64)))]
      }),
    Fault(
      "bomb-in-an-error", is: ["client_error"],
      at: .answer { _, _ in
        [.send(Response(status: 404, fields: ["Content-Encoding: gzip"], body: Gzip.zeros(mebibytes: 64)))]
      }),
  ]

  private static func flood(_ coding: String, _ head: [UInt8], _ unit: [UInt8]) -> [WireStep] {
    [
      .send("HTTP/1.1 200 OK\r\nContent-Encoding: \(coding)\r\n\r\n"), .send(head),
      .sendForever([[UInt8]](repeating: unit, count: 16_000 / unit.count).flatMap { $0 }),
    ]
  }

  /// Ten mebibytes on the wire are the limit of what decodes to nothing, too.
  private static let nothing: [Fault] = [
    Fault("gzip-of-empty-blocks", is: ["too_large"], limit: .total, flood("gzip", Gzip.header, [0, 0, 0, 0xFF, 0xFF])),
    Fault(
      "deflate-of-empty-blocks", is: ["too_large"], limit: .total,
      flood("deflate", [0x78, 0x01], [0, 0, 0, 0xFF, 0xFF])),
    Fault("brotli-of-empty-blocks", is: ["too_large"], limit: .total, flood("br", [0x0C], [0x06])),
    Fault(
      "zstd-of-empty-blocks", is: ["too_large"], limit: .total,
      flood("zstd", Zstandard.head(windowBits: 17), [0, 0, 0])),
    Fault(
      "zstd-of-skipped-frames", is: ["too_large"], limit: .total,
      flood("zstd", [], [0x50, 0x2A, 0x4D, 0x18, 8, 0, 0, 0] + [UInt8](repeating: 0, count: 8))),
  ]
}
