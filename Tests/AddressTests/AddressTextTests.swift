import Address
import Testing

@Suite struct AddressTextTests {
  @Test(arguments: [
    ("0.0.0.0", Address.v4(0)),
    ("127.0.0.1", .v4(0x7F00_0001)),
    ("255.255.255.255", .v4(.max)),
    ("192.0.2.10", .v4(0xC000_020A)),
    ("::", .v6(high: 0, low: 0)),
    ("::1", .v6(high: 0, low: 1)),
    ("1::", .v6(high: 1 << 48, low: 0)),
    ("2001:db8::8:800:200c:417a", .v6(high: 0x2001_0DB8_0000_0000, low: 0x0008_0800_200C_417A)),
    ("2001:DB8:0:0:8:800:200C:417A", .v6(high: 0x2001_0DB8_0000_0000, low: 0x0008_0800_200C_417A)),
    ("1:2:3:4:5:6:7:8", .v6(high: 0x0001_0002_0003_0004, low: 0x0005_0006_0007_0008)),
    ("1:2:3:4:5:6:7::", .v6(high: 0x0001_0002_0003_0004, low: 0x0005_0006_0007_0000)),
    ("::2:3:4:5:6:7:8", .v6(high: 0x0000_0002_0003_0004, low: 0x0005_0006_0007_0008)),
    ("::ffff:192.0.2.1", .v6(high: 0, low: 0xFFFF_C000_0201)),
    ("64:ff9b::1.2.3.4", .v6(high: 0x0064_FF9B_0000_0000, low: 0x0102_0304)),
    ("1:2:3:4:5:6:255.254.253.252", .v6(high: 0x0001_0002_0003_0004, low: 0x0005_0006_FFFE_FDFC)),
  ])
  func parses(_ text: String, _ expected: Address) {
    #expect(Address(text) == expected)
  }

  @Test(arguments: [
    "", ".", "1", "1.2.3", "1.2.3.4.", "1.2.3.4.5", "1..3.4", ".1.2.3", "256.0.0.1", "1.2.3.1000", "01.2.3.4",
    "1.2.3.00",
    "0x7f.0.0.1", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", "a.b.c.d", "１.2.3.4", ":", ":::", "1", "1:2", "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::", "1:", ":1", "::1:",
    "[::1]", "::1%eth0", "::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::01.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4:5",
    "::.1.2.3", "::1.", "1.2.3.4::", "::ffff:0x7f.0.0.1",
  ])
  func refuses(_ text: String) {
    #expect(Address(text) == nil)
  }

  @Test(arguments: [
    ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("0:0:0:0:0:0:0:0", "::"),
    ("1:0:0:0:0:0:0:0", "1::"),
    ("0:0:0:0:0:0:0:1", "::1"),
    ("ABCD::", "abcd::"),
    ("::ffff:7f00:1", "::ffff:127.0.0.1"),
    ("::7f00:1", "::7f00:1"),
    ("10.0.0.1", "10.0.0.1"),
  ])
  func writesAsRFC5952Says(_ text: String, _ expected: String) throws {
    #expect(try #require(Address(text)).description == expected)
  }

  @Test func aURLNamesAMappedAddressInHexadecimal() throws {
    #expect(try #require(Address("::ffff:127.0.0.1")).urlHostName == "[::ffff:7f00:1]")
    #expect(try #require(Address("127.0.0.1")).urlHostName == "127.0.0.1")
  }

  @Test func whatIsWrittenIsReadBack() {
    var generator = SplitMix64(state: 0x5EED)
    for _ in 0..<2_000 {
      // Masks with runs of zero pieces, so that every place of the compression occurs.
      let mask = generator.next()
      let pieces = (0..<8).map { mask >> UInt64($0) & 1 == 0 ? 0 : generator.next() & 0xFFFF }
      let high = pieces[0..<4].reduce(UInt64(0)) { $0 << 16 | $1 }
      let low = pieces[4..<8].reduce(UInt64(0)) { $0 << 16 | $1 }
      let v6 = Address.v6(high: high, low: low)
      let v4 = Address.v4(UInt32(truncatingIfNeeded: low))
      #expect(Address(v6.description) == v6)
      #expect(Address(String(v6.urlHostName.dropFirst().dropLast())) == v6)
      #expect(Address(v4.description) == v4)
    }
  }

  @Test func randomTextNeverTraps() {
    var generator = SplitMix64(state: 7)
    let alphabet = Array("0123456789abcdefF:.:.%[]x ".utf8)
    for _ in 0..<5_000 {
      let count = Int(generator.next() % 48)
      let bytes = (0..<count).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] }
      let text = String(decoding: bytes, as: UTF8.self)
      guard let address = Address(text) else { continue }
      #expect(Address(address.description) == address, "\(text)")
    }
  }
}

/// Steele, Lea and Flood's generator: the same numbers in every run.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
