/// A fixed table from a name's 64-bit key to its number: open addressing, at most half full.
///
/// A key packs the lower-case bytes of a name: up to eight bytes exactly, the rest mixed in. A longer unknown name could
/// be made to collide with a known one; then it is read as that one, which harms nobody but its author.
struct NameTable: @unchecked Sendable {
  static let tags = NameTable(Tag.names, capacity: 512, firstNumber: 1)
  static let attributes = NameTable(AttributeName.names, capacity: 64, firstNumber: 0)

  /// By number; a number below the first has an empty name.
  let names: [String]
  /// By number: the key that `NamePacker` makes of the name.
  let keyOfNumber: UnsafeMutablePointer<UInt64>
  private let keys: UnsafeMutablePointer<UInt64>
  private let numbers: UnsafeMutablePointer<UInt8>
  private let mask: Int

  /// Allocates once for the life of the process.
  private init(_ text: StaticString, capacity: Int, firstNumber: Int) {
    keys = .allocate(capacity: capacity)
    keys.initialize(repeating: 0, count: capacity)
    numbers = .allocate(capacity: capacity)
    numbers.initialize(repeating: 0, count: capacity)
    keyOfNumber = .allocate(capacity: 256)
    keyOfNumber.initialize(repeating: 0, count: 256)
    mask = capacity - 1
    let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    var names = [String](repeating: "", count: firstNumber)
    for name in bytes.split(separator: Octet.space) {
      var packer = NamePacker()
      for byte in name { packer.add(byte) }
      var slot = NameTable.slot(packer.key, mask)
      while keys[slot] != 0 { slot = (slot + 1) & mask }
      keys[slot] = packer.key
      numbers[slot] = UInt8(names.count)
      keyOfNumber[names.count] = packer.key
      names.append(String(decoding: name, as: UTF8.self))
    }
    self.names = names
  }

  /// The number of the name with this key, or nil.
  @inline(__always)
  func number(_ key: UInt64) -> UInt8? {
    var slot = NameTable.slot(key, mask)
    while keys[slot] != key {
      if keys[slot] == 0 { return nil }
      slot = (slot &+ 1) & mask
    }
    return numbers[slot]
  }

  @inline(__always)
  private static func slot(_ key: UInt64, _ mask: Int) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> 48) & mask
  }
}

/// Makes the key of a name byte by byte, in lower case.
struct NamePacker {
  private(set) var key: UInt64 = 0
  private var shift: UInt64 = 0

  @inline(__always)
  init() {}

  @inline(__always)
  mutating func add(_ byte: UInt8) {
    if shift == 64 {
      key = (key ^ (key &>> 29)) &* 0xBF58_476D_1CE4_E5B9
      shift = 0
    }
    key ^= UInt64(Octet.lowercase(byte)) &<< shift
    shift &+= 8
  }
}
