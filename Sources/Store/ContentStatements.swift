/// How bytes of a body are stored.
enum BodyCodec: String {
  case zstd
  /// As they are, when zstd has nothing to gain: pictures, archives.
  case none

  /// The body; nil when the bytes are damaged.
  func decoded(_ bytes: [UInt8]) -> [UInt8]? { self == .none ? bytes : Zstd.decompressed(bytes) }
}

/// The statements that write bodies, each once per content, and what compresses them and header sections. Used by the
/// writer thread alone, which has time for it: see `Compressor`.
final class ContentStatements {
  private let find: Statement
  private let insert: Statement
  private let compressor: Compressor

  init(_ database: Database) throws(StoreError) {
    compressor = try Compressor()
    find = try database.statement("SELECT 1 FROM bodies WHERE hash = ?")
    insert = try database.statement("INSERT INTO bodies (hash, codec, size, bytes) VALUES (?, ?, ?, ?)")
  }

  /// Stores a body unless it is there. Returns its hash.
  func store(_ body: [UInt8]) throws(StoreError) -> [UInt8] {
    let hash = body.withUnsafeBytes(Digest.sha256)
    find.bind(1, hash)
    let isKnown = try find.step()
    find.reset()
    if isKnown { return hash }
    let frame = try compressor.compressed(body)
    let codec = frame.count < body.count ? BodyCodec.zstd : .none
    insert.bind(1, hash)
    insert.bind(2, codec.rawValue)
    insert.bind(3, body.count)
    insert.bind(4, codec == .zstd ? frame : body)
    try insert.run()
    return hash
  }

  /// A header section as its column has it.
  func compressed(_ headers: [UInt8]) throws(StoreError) -> [UInt8] { try compressor.compressed(headers) }
}
