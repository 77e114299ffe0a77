private import CZlib

/// Unpacks gzip (RFC 1952), as far as it goes.
struct Gunzip {
  /// Whether the bytes begin as a gzip member does.
  static func isGzip(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  private static let chunk = 256 << 10

  private(set) var output: [UInt8] = []
  /// Why `output` is only what came before; nil when it is all.
  private(set) var cut: Sitemap.Cut?

  /// Unpacks all members of `packed`. Linear in what is unpacked, which `limits` bound.
  init(_ packed: UnsafeBufferPointer<UInt8>, limits: SitemapLimits) {
    var stream = z_stream()
    guard packed.count <= Int(UInt32.max), czlib_inflate_init(&stream, czlib_gzip_window_bits) == Z_OK else {
      cut = .broken
      return
    }
    defer { inflateEnd(&stream) }
    // zlib does not write to its input; the field lacks its const.
    stream.next_in = UnsafeMutablePointer(mutating: packed.baseAddress)
    stream.avail_in = UInt32(packed.count)
    var status = Z_OK
    while status == Z_OK {
      status = unpack(&stream)
      let used = packed.count - Int(stream.avail_in)
      if output.count > limits.bytes || output.count > limits.ratioAfterBytes && output.count / limits.ratio > used {
        cut = output.count > limits.bytes ? .bytes : .ratio
        output.removeLast(max(0, output.count - limits.bytes))
        return
      }
      // Another member may follow (RFC 1952 section 2.3.1); what begins otherwise is passed over, as by gzip(1).
      if status == Z_STREAM_END, stream.avail_in > 1, stream.next_in[0] == 0x1F, stream.next_in[1] == 0x8B {
        status = inflateReset(&stream)
      }
    }
    if status != Z_STREAM_END { cut = .broken }
  }

  /// Unpacks up to one chunk more.
  /// - Returns: zlib's code; `Z_BUF_ERROR` when the input ended early.
  private mutating func unpack(_ stream: inout z_stream) -> Int32 {
    var status = Z_OK
    output += [UInt8](unsafeUninitializedCapacity: Gunzip.chunk) { buffer, count in
      stream.next_out = buffer.baseAddress
      stream.avail_out = UInt32(buffer.count)
      status = inflate(&stream, Z_NO_FLUSH)
      count = buffer.count - Int(stream.avail_out)
    }
    return status
  }
}
