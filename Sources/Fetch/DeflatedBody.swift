import CZlib

/// Unpacks a body in gzip (RFC 1952), whose members are one body (section 2.2), or in `deflate`, by which servers mean zlib's
/// format (RFC 1950) or what is within it (RFC 1951).
final class DeflatedBody: CodedBody {
  private enum Place {
    case start
    case member
    /// Behind a member: another one may follow.
    case end
    /// What comes is passed over.
    case tail
  }

  private let coding: ContentCoding
  /// zlib knows a stream by where it lies.
  private let stream: UnsafeMutablePointer<z_stream>
  private var place = Place.start
  private var hasMember = false
  /// The data of the member under way have come to their end; a checksum follows.
  private var hasData = false

  /// nil when zlib has no memory.
  init?(_ coding: ContentCoding) {
    self.coding = coding
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard czlib_inflate_init(stream, czlib_any_window_bits) == Z_OK else {
      stream.deallocate()
      return nil
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// The bytes that came end within a member's data. Nobody misses a checksum.
  var cut: ContentCoding? { place == .member && !hasData ? coding : nil }

  func unpack(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Bool) -> UnpackResult {
    // zlib does not write to its input; the field lacks its const.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(bytes.count)
    return withUnsafeTemporaryAllocation(byteCount: unpackedBytes, alignment: 16) { room in
      while mayInflate() {
        stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(room.count)
        let status = inflate(stream, Z_BLOCK)
        if stream.pointee.data_type & behindLastBlock == behindLastBlock { hasData = true }
        let count = room.count - Int(stream.pointee.avail_out)
        if count > 0, !take(UnsafeRawBufferPointer(rebasing: room[..<count])) { return .refused }
        switch status {
        case Z_OK: break
        case Z_BUF_ERROR: return .unpacked
        case Z_STREAM_END:
          hasMember = true
          place = .end
        default:
          guard hasMember, stream.pointee.total_out == 0 else { return .broken(coding, message(of: status)) }
          // What began like a member is none.
          place = .tail
        }
      }
      return .unpacked
    }
  }

  /// Whether there is something to inflate; begins the member that follows.
  private func mayInflate() -> Bool {
    switch place {
    case .start:
      guard stream.pointee.avail_in > 0 else { return false }
      if coding == .deflate, isRaw(stream.pointee.next_in[0]) { inflateReset2(stream, czlib_raw_window_bits) }
      place = .member
    case .member: break
    case .end:
      guard stream.pointee.avail_in > 0 else { return false }
      guard stream.pointee.next_in[0] == 0x1F, inflateReset(stream) == Z_OK else {
        place = .tail
        return false
      }
      place = .member
      hasData = false
    case .tail: return false
    }
    return true
  }

  /// Whether a stream that begins so is in no format: zlib's begins with the method, which is 8, and a window of at most
  /// 32 KiB (RFC 1950 section 2.2). Gzip's first byte begins no block.
  private func isRaw(_ first: UInt8) -> Bool { first & 0x8F != 8 && first != 0x1F }

  private func message(of status: Int32) -> String {
    stream.pointee.msg.map { String(cString: $0) } ?? "zlib's error \(status)"
  }
}

/// What `data_type` says with `Z_BLOCK`, which stops there: a block has ended, and it is the last one (zlib.h).
private let behindLastBlock: Int32 = 128 | 64
