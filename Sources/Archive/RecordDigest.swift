internal import CCrypto

/// Digests as records name them: the algorithm, a colon, hexadecimal digits.
package enum RecordDigest {
  /// Of a block or a payload: SHA-256.
  package static func labelled(_ bytes: [UInt8]) -> String {
    labelled(sha256: digest(bytes, length: Int(SHA256_DIGEST_LENGTH), SHA256))
  }

  /// A digest that is known.
  package static func labelled(sha256 digest: [UInt8]) -> String { "sha256:" + hexadecimal(digest) }

  static func sha1(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, length: Int(SHA_DIGEST_LENGTH), SHA1) }

  static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static func digest(
    _ bytes: [UInt8], length: Int,
    _ function: (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?) -> UnsafeMutablePointer<UInt8>?
  ) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: length) { digest, count in
      bytes.withUnsafeBufferPointer { _ = function($0.baseAddress, $0.count, digest.baseAddress) }
      count = length
    }
  }
}
