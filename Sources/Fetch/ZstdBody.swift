import CZstd

/// Unpacks a body in zstd (RFC 8878). Its frames are one body (section 3.1).
final class ZstdBody: CodedBody {
  private enum Place {
    case start
    case frame
    /// Behind a frame: another one may follow.
    case end
    /// What comes is passed over.
    case tail
  }

  private let context: OpaquePointer
  private var place = Place.start
  private var hasFrame = false
  /// The frame under way has come to something.
  private var hasContent = false

  /// nil when there is no memory.
  init?() {
    guard let context = ZSTD_createDCtx() else { return nil }
    self.context = context
  }

  deinit { ZSTD_freeDCtx(context) }

  var cut: ContentCoding? { place == .frame ? .zstd : nil }

  func unpack(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Bool) -> UnpackResult {
    var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    return withUnsafeTemporaryAllocation(byteCount: unpackedBytes, alignment: 16) { room in
      while mayUnpack(bytes[input.pos...]) {
        var output = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
        let status = ZSTD_decompressStream(context, &output, &input)
        if output.pos > 0 {
          hasContent = true
          if !take(UnsafeRawBufferPointer(rebasing: room[..<output.pos])) { return .refused }
        }
        if ZSTD_isError(status) != 0 {
          guard hasFrame, !hasContent, ZSTD_getErrorCode(status) == ZSTD_error_prefix_unknown else {
            return .broken(.zstd, String(cString: ZSTD_getErrorName(status)))
          }
          // What began like a frame is none.
          place = .tail
        } else if status == 0 {
          hasFrame = true
          place = .end
        } else if input.pos == input.size, output.pos < output.size {
          return .unpacked
        }
      }
      return .unpacked
    }
  }

  /// Whether there is something to unpack; begins the frame that follows.
  private func mayUnpack(_ rest: Slice<UnsafeRawBufferPointer>) -> Bool {
    switch place {
    case .start:
      if rest.isEmpty { return false }
      place = .frame
    case .frame: break
    case .end:
      guard let first = rest.first else { return false }
      // A frame, or one to be skipped (section 3.1.2).
      guard first == 0x28 || first & 0xF0 == 0x50 else {
        place = .tail
        return false
      }
      place = .frame
      hasContent = false
    case .tail: return false
    }
    return true
  }
}
