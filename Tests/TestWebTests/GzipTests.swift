import TestWeb
import Testing

@Suite struct GzipTests {
  /// CRC-32 bit by bit, as RFC 1952 describes it.
  private func checksum(_ count: Int) -> UInt32 {
    var state: UInt32 = 0xFFFF_FFFF
    for _ in 0..<count * 8 { state = state & 1 == 1 ? (state >> 1) ^ 0xEDB8_8320 : state >> 1 }
    return state ^ 0xFFFF_FFFF
  }

  @Test func theChecksumOfZeros() {
    for count in [1, 2, 3, 258, 1_000, 1_048_576] { #expect(Gzip.checksumOfZeros(count) == checksum(count)) }
  }

  @Test func theStreamIsSmallAndNamesItsLength() {
    let stream = Gzip.zeros(mebibytes: 1)
    #expect(stream.count < 1_200)
    #expect(stream.prefix(3) == [0x1F, 0x8B, 8])
    #expect(Array(stream.suffix(4)) == [0, 0, 0x10, 0])
  }
}
