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

  @Test func storedBytesAreThereWithTheirChecksum() {
    #expect(Gzip.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
    let stream = Gzip.stored(Array("abc".utf8))
    #expect(stream.dropFirst(10) == [1, 3, 0, 0xFC, 0xFF, 0x61, 0x62, 0x63, 0xC2, 0x41, 0x24, 0x35, 3, 0, 0, 0])
    #expect(Gzip.stored([UInt8](repeating: 7, count: 70_000)).count == 10 + 2 * 5 + 70_000 + 8)
    #expect(Gzip.stored([]).count == 10 + 5 + 8)
  }

  @Test func theStreamIsSmallAndNamesItsLength() {
    let stream = Gzip.zeros(mebibytes: 1)
    #expect(stream.count < 1_200)
    #expect(stream.prefix(3) == [0x1F, 0x8B, 8])
    #expect(Array(stream.suffix(4)) == [0, 0, 0x10, 0])
  }
}
