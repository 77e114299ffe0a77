/// The bytes of a serialisation while it is written: room on the caller's stack at first, memory of its own when that
/// does not suffice.
struct HrefBuffer: ~Copyable {
  private(set) var bytes: UnsafeMutablePointer<UInt8>
  /// Only ever lowered from outside, or raised over bytes that `reserve` made room for.
  var count = 0
  private var capacity: Int
  private var isOwned: Bool

  /// Borrows `room`, which must outlive the buffer.
  init(borrowing room: UnsafeMutableBufferPointer<UInt8>) {
    bytes = room.baseAddress!
    capacity = room.count
    isOwned = false
  }

  deinit {
    if isOwned { bytes.deallocate() }
  }

  @inline(__always)
  mutating func reserve(_ additional: Int) {
    if capacity - count < additional { grow(additional) }
  }

  @inline(never)
  private mutating func grow(_ additional: Int) {
    let newCapacity = max(capacity * 2, count + additional)
    let newBytes = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
    newBytes.initialize(from: bytes, count: count)
    if isOwned { bytes.deallocate() }
    bytes = newBytes
    capacity = newCapacity
    isOwned = true
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    reserve(1)
    bytes[count] = byte
    count += 1
  }

  mutating func append(_ source: UnsafePointer<UInt8>, count sourceCount: Int) {
    reserve(sourceCount)
    (bytes + count).initialize(from: source, count: sourceCount)
    count += sourceCount
  }

  mutating func append(_ text: String) {
    for byte in text.utf8 { append(byte) }
  }

  mutating func append(_ source: [UInt8]) {
    source.withUnsafeBufferPointer { if let base = $0.baseAddress { append(base, count: $0.count) } }
  }

  /// Copies the bytes, those of the given classes as `%XX`.
  mutating func append(_ source: UnsafeBufferPointer<UInt8>, encoding encoded: ByteClass) {
    reserve(3 * source.count)
    let table = ByteClass.table
    var position = count
    for byte in source {
      if table[Int(byte)].isDisjoint(with: encoded) {
        bytes[position] = byte
        position += 1
      } else {
        bytes[position] = .percent
        bytes[position + 1] = .hexDigit(byte >> 4)
        bytes[position + 2] = .hexDigit(byte & 15)
        position += 3
      }
    }
    count = position
  }

  /// Moves what stands from `offset` on by two bytes, which become `/.`
  mutating func insertSlashDot(at offset: Int) {
    reserve(2)
    (bytes + offset + 2).update(from: bytes + offset, count: count - offset)
    bytes[offset] = .slash
    bytes[offset + 1] = .dot
    count += 2
  }

  /// The bytes from `start` on as a String; they must be ASCII.
  borrowing func string(from start: Int = 0) -> String {
    let length = count - start
    return String(unsafeUninitializedCapacity: length) { room in
      _ = room.initialize(from: UnsafeBufferPointer(start: bytes + start, count: length))
      return length
    }
  }
}
