import Testing
import WebURL

@Suite struct FingerprintTests {
  /// Key 00 01 … 0f, messages 00 01 … (n − 1). The 2-4 value of 15 bytes is the paper's own (appendix A); the others come
  /// from a second implementation that gives the same.
  @Test(
    arguments: [
      (0, 0x726F_DB47_DD0E_0E31, 0xABAC_0158_050F_C4DC),
      (1, 0x74F8_39C5_93DC_67FD, 0xC9F4_9BF3_7D57_CA93),
      (7, 0xAB02_00F5_8B01_D137, 0xD392_7D98_9BB1_1140),
      (8, 0x93F5_F579_9A93_2462, 0x3690_9511_8D29_9A8E),
      (9, 0x9E00_82DF_0BA9_E4B0, 0x25A4_8EB3_6C06_3DE4),
      (15, 0xA129_CA61_49BE_45E5, 0xD320_D86D_2A51_9956),
      (16, 0x3F2A_CC7F_57C2_9BDB, 0xCC4F_DD1A_7D90_8B66),
      (31, 0x32D8_92FA_D841_C342, 0x2370_DD1F_8C21_D1BC),
      (63, 0x958A_324C_EB06_4572, 0x9D19_9062_B7BB_B3A8),
    ] as [(Int, UInt64, UInt64)])
  func sipHash(_ count: Int, _ sipHash24: UInt64, _ sipHash13: UInt64) {
    let message = (0..<count).map { UInt8($0) }
    message.withUnsafeBytes { bytes in
      let (k0, k1): (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908)
      #expect(SipHash.hash(bytes, k0: k0, k1: k1, compressionRounds: 2, finalizationRounds: 4) == sipHash24)
      #expect(SipHash.hash(bytes, k0: k0, k1: k1) == sipHash13)
      #expect(FingerprintKey(bytes: (0..<16).map { UInt8($0) })?.hash(bytes) == sipHash13)
    }
  }

  @Test func aFingerprintIsOfTheSerialisation() throws {
    let zero = try #require(FingerprintKey(bytes: [UInt8](repeating: 0, count: 16)))
    // The same text under CPython's SipHash-1-3 with the zero key.
    #expect(try #require(WebURL("HTTP://Example.com")).fingerprint(zero) == 0xAD38_3701_8D42_34C6)
    #expect(try #require(WebURL("http://example.com/#x")).fingerprint(zero) != 0xAD38_3701_8D42_34C6)
    #expect(try #require(WebURL("http://example.com/#x")).canonical().fingerprint(zero) == 0xAD38_3701_8D42_34C6)
  }

  @Test func aKeyIsSixteenBytes() throws {
    #expect(FingerprintKey(bytes: [UInt8](repeating: 1, count: 15)) == nil)
    #expect(FingerprintKey(bytes: [UInt8](repeating: 1, count: 17)) == nil)
    let key = FingerprintKey()
    #expect(key.bytes.count == 16)
    #expect(FingerprintKey(bytes: key.bytes) == key)
    #expect(FingerprintKey() != key)
  }
}
