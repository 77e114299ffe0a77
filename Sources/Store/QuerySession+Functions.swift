internal import CSQLite

extension QuerySession {
  /// Bytes that `unzstd` returns at most.
  private static let longestContent: UInt64 = 64 << 20

  /// Adds to a connection what SQL needs to read compressed columns: `unzstd(blob)`, the bytes of a zstd frame; NULL for what
  /// is no blob.
  func addFunctions(to database: OpaquePointer) {
    let flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS
    sqlite3_create_function_v2(
      database, "unzstd", 1, flags, nil,
      { context, _, values in
        guard let value = values?[0], sqlite3_value_type(value) == SQLITE_BLOB else { return }
        let start = sqlite3_value_blob(value)
        let frame = [UInt8](
          UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_value_bytes(value))))
        guard let bytes = Zstd.decompressed(frame, limit: QuerySession.longestContent) else {
          return sqlite3_result_error(context, "unzstd: this is no whole zstd frame of at most 64 MiB", -1)
        }
        bytes.withUnsafeBytes { csqlite_result_blob_copied(context, $0.baseAddress, UInt64($0.count)) }
      }, nil, nil, nil)
  }
}
