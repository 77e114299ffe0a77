import CZlib

/// Unpacks a body in gzip (RFC 1952) as it comes.
///
/// Its members are one body (section 2.2), and what follows them and is none is passed over, as browsers do. libcurl, which
/// decodes all other codings, takes both for an error, and a stream that ends early for a whole one.
final class GzipBody {
  enum Result {
    case unpacked
    /// Whoever takes what is unpacked wants no more.
    case refused
    /// A sentence of zlib's.
    case broken(String)
  }

  private enum Place {
    case start
    case member
    /// Behind a member: another one may follow.
    case end
    /// What comes is passed over.
    case tail
  }

  /// zlib knows a stream by where it lies.
  private let stream: UnsafeMutablePointer<z_stream>
  private var place = Place.start
  private var hasMember = false
  /// The data of the member under way have come to their end; a checksum follows.
  private var hasData = false

  /// Bytes that are handed on at a time, at most.
  private static let chunk = 16 << 10

  /// nil when zlib has no memory.
  init?() {
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
  var isCut: Bool { place == .member && !hasData }

  /// Unpacks the next bytes; `take` gets what comes of them, and says whether it wants more.
  func unpack(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Bool) -> Result {
    // zlib does not write to its input; the field lacks its const.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(bytes.count)
    return withUnsafeTemporaryAllocation(byteCount: GzipBody.chunk, alignment: 16) { room in
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
          guard hasMember, stream.pointee.total_out == 0 else { return .broken(message(of: status)) }
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

  private func message(of status: Int32) -> String {
    stream.pointee.msg.map { String(cString: $0) } ?? "zlib's error \(status)"
  }
}

/// What `data_type` says with `Z_BLOCK`, which stops there: a block has ended, and it is the last one (zlib.h).
private let behindLastBlock: Int32 = 128 | 64
