internal import CSQLite
internal import CZstd

/// Compresses blocks of bytes with zstd (RFC 8878). For one thread.
final class Compressor {
  /// Level 3 is zstd's own: on HTML it is within a tenth of what twice its time could save.
  private static let level: Int32 = 3
  private let context: OpaquePointer

  /// - Throws: when there is no memory for it.
  init() throws(StoreError) {
    guard let context = ZSTD_createCCtx() else { throw Self.failure("there is no memory for a context") }
    self.context = context
  }

  deinit { ZSTD_freeCCtx(context) }

  /// One frame that says how many bytes it holds. Linear; about 5 ns a byte of HTML.
  /// - Throws: when there is no memory for it: tables are allocated for what is the largest so far.
  func compressed(_ bytes: [UInt8]) throws(StoreError) -> [UInt8] {
    var length = 0
    let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { frame, count in
      length = bytes.withUnsafeBytes {
        ZSTD_compressCCtx(context, frame.baseAddress, frame.count, $0.baseAddress, $0.count, Self.level)
      }
      count = ZSTD_isError(length) == 0 ? length : 0
    }
    if ZSTD_isError(length) != 0 { throw Self.failure(String(cString: ZSTD_getErrorName(length))) }
    return frame
  }

  /// Like SQLite's own want of memory: the commit fails, and is tried again.
  private static func failure(_ message: String) -> StoreError {
    .database(DatabaseError(code: SQLITE_NOMEM, message: message, sql: "zstd"))
  }
}

/// Reads what `Compressor` wrote.
enum Zstd {
  /// Bytes that a frame may hold: no body is nearly as large.
  private static let limit: UInt64 = 1 << 30

  /// nil for what is no whole frame, for one that does not hold what it says, and for one that holds more than `limit`.
  static func decompressed(_ frame: [UInt8], limit: UInt64 = limit) -> [UInt8]? {
    frame.withUnsafeBytes { frame in
      let size = ZSTD_getFrameContentSize(frame.baseAddress, frame.count)
      // Its two highest values mean that it is not known.
      guard size <= limit else { return nil }
      var isWhole = false
      let bytes = [UInt8](unsafeUninitializedCapacity: Int(size)) { bytes, count in
        let length = ZSTD_decompress(bytes.baseAddress, bytes.count, frame.baseAddress, frame.count)
        isWhole = ZSTD_isError(length) == 0 && length == Int(size)
        count = isWhole ? length : 0
      }
      return isWhole ? bytes : nil
    }
  }
}
