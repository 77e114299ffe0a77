/// The secret of one database that fingerprints are keyed with, so that no site can plan URLs that collide.
package struct FingerprintKey: Hashable, Sendable {
  /// The 16 bytes, as the database stores them.
  package let bytes: [UInt8]
  let k0: UInt64
  let k1: UInt64

  /// nil unless there are 16 bytes.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    self.init(checked: Array(bytes))
  }

  /// A new random key of the system's generator, which on Linux is getrandom(2).
  package init() {
    var generator = SystemRandomNumberGenerator()
    self.init(checked: (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }

  private init(checked bytes: [UInt8]) {
    self.bytes = bytes
    (k0, k1) = bytes.withUnsafeBytes {
      (
        UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)),
        UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  /// SipHash-1-3 of the bytes. Linear.
  package func hash(_ message: UnsafeRawBufferPointer) -> UInt64 {
    SipHash.hash(message, k0: k0, k1: k1)
  }
}

extension WebURL {
  /// The keyed 64-bit identity of this serialisation (SipHash-1-3); of the *page* when called on the canonical form.
  package func fingerprint(_ key: FingerprintKey) -> UInt64 {
    href.utf8.span.withUnsafeBytes { key.hash($0) }
  }
}
