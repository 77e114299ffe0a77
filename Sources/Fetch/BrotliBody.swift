import CBrotli

/// Unpacks a body in brotli (RFC 7932): one stream, whose last meta-block says that it is the last.
final class BrotliBody: CodedBody {
  private enum Place {
    case start
    case stream
    /// Behind the stream: what comes is passed over.
    case tail
  }

  private let decoder: OpaquePointer
  private var place = Place.start

  /// nil when there is no memory.
  init?() {
    guard let decoder = BrotliDecoderCreateInstance(nil, nil, nil) else { return nil }
    self.decoder = decoder
  }

  deinit { BrotliDecoderDestroyInstance(decoder) }

  var cut: ContentCoding? { place == .stream ? .br : nil }

  func unpack(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Bool) -> UnpackResult {
    var left = bytes.count
    var next = bytes.bindMemory(to: UInt8.self).baseAddress
    if place == .start, left > 0 { place = .stream }
    return withUnsafeTemporaryAllocation(byteCount: unpackedBytes, alignment: 16) { room in
      while place == .stream {
        var free = room.count
        var end = room.bindMemory(to: UInt8.self).baseAddress
        let status = BrotliDecoderDecompressStream(decoder, &left, &next, &free, &end, nil)
        let count = room.count - free
        if count > 0, !take(UnsafeRawBufferPointer(rebasing: room[..<count])) { return .refused }
        switch status {
        case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT: break
        case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
          if BrotliDecoderHasMoreOutput(decoder) == 0 { return .unpacked }
        case BROTLI_DECODER_RESULT_SUCCESS: place = .tail
        default:
          let error = BrotliDecoderErrorString(BrotliDecoderGetErrorCode(decoder))
          return .broken(.br, error.map { String(cString: $0) } ?? "an error without a name")
        }
      }
      return .unpacked
    }
  }
}
