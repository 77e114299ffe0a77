/// Output that is kept until a statement of SQL has ended: whoever takes it slowly would keep an old state of the database,
/// and with it the write-ahead log, for as long.
final class HeldOutput {
  private let write: ([UInt8]) -> Void
  private var bytes: [UInt8] = []

  init(_ write: @escaping ([UInt8]) -> Void) {
    self.write = write
  }

  var count: Int { bytes.count }

  func append(_ piece: [UInt8]) {
    bytes += piece
  }

  func flush() {
    if !bytes.isEmpty { write(bytes) }
    bytes.removeAll(keepingCapacity: true)
  }

  /// Writes to stdout what its reader takes in this time; the rest stays. Returns whether that was all.
  func flush(within time: Duration) -> Bool {
    bytes.removeFirst(Output.write(bytes, within: time))
    return bytes.isEmpty
  }
}
