import Frontier
import Testing

@Suite struct SeenSetTests {
  /// SplitMix64: fingerprints spread as hashes are.
  private func mixed(_ number: UInt64) -> UInt64 {
    var value = number &+ 0x9e37_79b9_7f4a_7c15
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }

  @Test func everyElementIsFoundAndNoOther() {
    var seen = SeenSet()
    let count: UInt64 = 300_000
    for number in 1...count { seen.insert(mixed(number), .init(id: Int64(number), standing: .settled)) }
    #expect(seen.count == Int(count))
    #expect((1...count).allSatisfy { seen[mixed($0)]?.id == Int64($0) })
    #expect((count + 1...count + 10_000).allSatisfy { seen[mixed($0)] == nil })
  }

  @Test func anElementIsReplaced() {
    var seen = SeenSet()
    seen.insert(7, .init(id: 1, standing: .excludedForDepth))
    #expect(seen[7]?.standing == .excludedForDepth)
    seen.insert(7, .init(id: 1, standing: .settled))
    #expect(seen[7]?.standing == .settled)
    #expect(seen.count == 1)
  }

  @Test func fingerprintsThatShareTheirLowBitsAreKeptApart() {
    var seen = SeenSet()
    for high in 0..<2_000 as Range<UInt64> {
      seen.insert(high << 40 | 5, .init(id: Int64(high) + 1, standing: .settled))
    }
    #expect((0..<2_000 as Range<UInt64>).allSatisfy { seen[$0 << 40 | 5]?.id == Int64($0) + 1 })
  }

  @Test func theFingerprintZeroIsOrdinary() {
    var seen = SeenSet()
    #expect(seen[0] == nil)
    seen.insert(0, .init(id: 3, standing: .settled))
    #expect(seen[0]?.id == 3)
  }
}
