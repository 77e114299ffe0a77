import Address
import Glibc
import Testing

@Suite struct SockaddrTests {
  @Test func readsIPv4() {
    var storage = sockaddr_in()
    storage.sin_family = sa_family_t(AF_INET)
    storage.sin_port = UInt16(443).bigEndian
    storage.sin_addr.s_addr = UInt32(0xC000_0201).bigEndian
    #expect(withUnsafeBytes(of: storage) { Address(sockaddr: $0) } == .v4(0xC000_0201))
    #expect(withUnsafeBytes(of: storage) { Address(sockaddr: .init(rebasing: $0[..<7])) } == nil)
  }

  @Test func readsIPv6() throws {
    var storage = sockaddr_in6()
    storage.sin6_family = sa_family_t(AF_INET6)
    #expect(inet_pton(AF_INET6, "2001:db8::1", &storage.sin6_addr) == 1)
    #expect(withUnsafeBytes(of: storage) { Address(sockaddr: $0) } == Address("2001:db8::1"))
    #expect(withUnsafeBytes(of: storage) { Address(sockaddr: .init(rebasing: $0[..<16])) } == nil)
  }

  @Test func refusesOtherFamilies() {
    var storage = sockaddr_un()
    storage.sun_family = sa_family_t(AF_UNIX)
    #expect(withUnsafeBytes(of: storage) { Address(sockaddr: $0) } == nil)
    #expect(Address(sockaddr: UnsafeRawBufferPointer(start: nil, count: 0)) == nil)
  }
}
