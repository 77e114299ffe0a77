import Address
import Testing

@Suite struct NetworkTests {
  @Test(arguments: [
    ("127.0.0.0/8", "127.0.0.0/8"), ("0.0.0.0/0", "0.0.0.0/0"), ("10.1.2.3", "10.1.2.3/32"), ("::1", "::1/128"),
    ("fd00::/8", "fd00::/8"), ("2001:db8::/65", "2001:db8::/65"), ("::/0", "::/0"),
  ])
  func parses(_ text: String, _ expected: String) throws {
    #expect(try Network(text).description == expected)
  }

  @Test(arguments: [
    ("", AddressError.notAnAddress("")),
    ("localhost/8", .notAnAddress("localhost/8")),
    ("10.0.0.0/", .notAPrefixLength("10.0.0.0/", maximum: 32)),
    ("10.0.0.0/33", .notAPrefixLength("10.0.0.0/33", maximum: 32)),
    ("10.0.0.0/-1", .notAPrefixLength("10.0.0.0/-1", maximum: 32)),
    ("10.0.0.0/+8", .notAPrefixLength("10.0.0.0/+8", maximum: 32)),
    ("10.0.0.0/8/8", .notAPrefixLength("10.0.0.0/8/8", maximum: 32)),
    ("10.0.0.0/255.0.0.0", .notAPrefixLength("10.0.0.0/255.0.0.0", maximum: 32)),
    ("::/129", .notAPrefixLength("::/129", maximum: 128)),
    ("10.1.2.3/8", .bitsBeyondPrefix("10.1.2.3/8", suggestion: "10.0.0.0/8")),
    ("2001:db8::1/64", .bitsBeyondPrefix("2001:db8::1/64", suggestion: "2001:db8::/64")),
  ])
  func refusesWithTheReason(_ text: String, _ expected: AddressError) {
    #expect(throws: expected) { try Network(text) }
  }

  @Test func anErrorSaysWhatToWrite() {
    #expect(AddressError.bitsBeyondPrefix("10.1.2.3/8", suggestion: "10.0.0.0/8").description.contains("10.0.0.0/8"))
    #expect(AddressError.notAnAddress("x").description.contains("“x”"))
  }

  @Test func holdsItsFirstAndLastAddressAndNoOther() throws {
    let network = try Network("10.32.0.0/11")
    #expect(network.contains(.v4(0x0A20_0000)))
    #expect(network.contains(.v4(0x0A3F_FFFF)))
    #expect(!network.contains(.v4(0x0A1F_FFFF)))
    #expect(!network.contains(.v4(0x0A40_0000)))
    let wide = try Network("2001:db8::/65")
    #expect(wide.contains(.v6(high: 0x2001_0DB8_0000_0000, low: 0x7FFF_FFFF_FFFF_FFFF)))
    #expect(!wide.contains(.v6(high: 0x2001_0DB8_0000_0000, low: 0x8000_0000_0000_0000)))
  }

  @Test func familiesDoNotMix() throws {
    #expect(try !Network("0.0.0.0/0").contains(.v6(high: 0, low: 1)))
    #expect(try !Network("::/0").contains(.v4(1)))
  }

  @Test func isMadeAroundAnAddress() {
    #expect(Network(around: .v4(0x0A01_0203), prefixLength: 24).description == "10.1.2.0/24")
    #expect(Network(around: .v4(0x0A01_0203), prefixLength: 99).description == "10.1.2.3/32")
  }
}
