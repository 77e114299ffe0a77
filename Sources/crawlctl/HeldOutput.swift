/// Output that is kept until a statement of SQL has ended: whoever takes it slowly would keep an old state of the database,
/// and with it the write-ahead log, for as long.
final class HeldOutput {
  private let write: ([UInt8]) -> Void
  private let limit: Int
  private var bytes: [UInt8] = []

  /// - Parameter limit: bytes from which on they are not kept any more.
  init(limit: Int = .max, _ write: @escaping ([UInt8]) -> Void) {
    self.limit = limit
    self.write = write
  }

  var count: Int { bytes.count }

  func append(_ piece: [UInt8]) {
    bytes += piece
    if bytes.count > limit { flush() }
  }

  func flush() {
    if !bytes.isEmpty { write(bytes) }
    bytes.removeAll(keepingCapacity: true)
  }
}
