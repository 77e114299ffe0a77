/// A fixed table from a name's 64-bit key to what the name stands for: open addressing, at most half full.
///
/// A key packs the lower-case bytes of a name: up to eight bytes exactly, the rest mixed in. A longer unknown name could
/// be made to collide with a known one; then it is read as that one, which harms nobody but its author.
struct NameTable<Value>: @unchecked Sendable {
  private struct Slot {
    /// 0 when the slot is free.
    var key: UInt64
    var value: Value
  }

  private let slots: UnsafeMutablePointer<Slot>
  private let mask: Int

  /// Allocates once for the life of the process. `capacity` is a power of two.
  init(_ entries: [(name: String, value: Value)], capacity: Int) {
    guard entries.count * 2 <= capacity && !entries.isEmpty else { fatalError("a table of names needs room and names") }
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: Slot(key: 0, value: entries[0].value), count: capacity)
    mask = capacity - 1
    for entry in entries {
      let key = NamePacker.key(entry.name)
      var index = NameTable.index(key, mask)
      while slots[index].key != 0 { index = (index + 1) & mask }
      slots[index] = Slot(key: key, value: entry.value)
    }
  }

  /// What the name with this key stands for, or nil.
  @inline(__always)
  subscript(_ key: UInt64) -> Value? {
    var index = NameTable.index(key, mask)
    while slots[index].key != key {
      if slots[index].key == 0 { return nil }
      index = (index &+ 1) & mask
    }
    return slots[index].value
  }

  @inline(__always)
  private static func index(_ key: UInt64, _ mask: Int) -> Int {
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

  static func key(_ name: String) -> UInt64 {
    var packer = NamePacker()
    for byte in name.utf8 { packer.add(byte) }
    return packer.key
  }
}
