internal import CZlib

/// Writes records as members of a gzip file (RFC 1952), each one by itself, so that a reader can begin at any of them
/// (WARC 1.1, annex D).
package final class GzipWriter {
  private var stream = z_stream()
  private let write: ([UInt8]) -> Void
  private var piece = [UInt8](repeating: 0, count: 1 << 16)

  /// - Parameter write: takes pieces of the file, at most 64 KiB each.
  package init(_ write: @escaping ([UInt8]) -> Void) {
    self.write = write
    guard czlib_deflate_init(&stream, 6, czlib_gzip_window_bits) == Z_OK else {
      fatalError("zlib has no memory for its first stream")
    }
  }

  deinit { deflateEnd(&stream) }

  /// Writes one member. Linear.
  package func append(_ bytes: [UInt8]) {
    guard deflateReset(&stream) == Z_OK else { fatalError("zlib's stream is broken") }
    bytes.withUnsafeBufferPointer { bytes in
      // zlib only reads through this pointer.
      stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
      stream.avail_in = UInt32(bytes.count)
      var code = Z_OK
      while code != Z_STREAM_END {
        let count = piece.withUnsafeMutableBufferPointer { piece in
          stream.next_out = piece.baseAddress
          stream.avail_out = UInt32(piece.count)
          code = deflate(&stream, Z_FINISH)
          return piece.count - Int(stream.avail_out)
        }
        guard code == Z_OK || code == Z_STREAM_END else { fatalError("zlib can't compress: \(code)") }
        if count > 0 { write(Array(piece.prefix(count))) }
      }
    }
  }
}
