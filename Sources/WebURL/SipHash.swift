/// SipHash-c-d (Aumasson and Bernstein, 2012) of a whole buffer: a keyed hash whose collisions nobody without the key
/// can plan.
///
/// SipHash-1-3, one compression and three finalisation rounds, is the variant for hash tables.
package enum SipHash {
  /// The 64-bit hash under the key `k0`, `k1` (little-endian halves of its 16 bytes). Linear.
  @inline(__always)
  package static func hash(
    _ message: UnsafeRawBufferPointer, k0: UInt64, k1: UInt64, compressionRounds: Int = 1, finalizationRounds: Int = 3
  ) -> UInt64 {
    var state = State(k0: k0, k1: k1)
    let wholeWords = message.count & ~7
    var offset = 0
    while offset < wholeWords {
      let word = UInt64(littleEndian: message.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      state.compress(word, rounds: compressionRounds)
      offset += 8
    }
    var last = UInt64(truncatingIfNeeded: message.count) << 56
    for index in offset..<message.count { last |= UInt64(message[index]) << UInt64(8 * (index - offset)) }
    state.compress(last, rounds: compressionRounds)
    return state.finalize(rounds: finalizationRounds)
  }

  private struct State {
    var v0, v1, v2, v3: UInt64

    init(k0: UInt64, k1: UInt64) {
      v0 = k0 ^ 0x736F_6D65_7073_6575
      v1 = k1 ^ 0x646F_7261_6E64_6F6D
      v2 = k0 ^ 0x6C79_6765_6E65_7261
      v3 = k1 ^ 0x7465_6462_7974_6573
    }

    @inline(__always)
    mutating func compress(_ word: UInt64, rounds: Int) {
      v3 ^= word
      for _ in 0..<rounds { round() }
      v0 ^= word
    }

    @inline(__always)
    mutating func finalize(rounds: Int) -> UInt64 {
      v2 ^= 0xFF
      for _ in 0..<rounds { round() }
      return v0 ^ v1 ^ v2 ^ v3
    }

    @inline(__always)
    private mutating func round() {
      v0 &+= v1
      v1 = rotate(v1, 13) ^ v0
      v0 = rotate(v0, 32)
      v2 &+= v3
      v3 = rotate(v3, 16) ^ v2
      v0 &+= v3
      v3 = rotate(v3, 21) ^ v0
      v2 &+= v1
      v1 = rotate(v1, 17) ^ v2
      v2 = rotate(v2, 32)
    }

    @inline(__always)
    private func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }
  }
}
