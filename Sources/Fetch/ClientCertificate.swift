import CCrypto

/// A certificate that tells servers who the crawler is, by the name that the configuration gives it.
package final class ClientCertificate: Sendable {
  /// Why a certificate and its key are of no use.
  package enum Flaw: Sendable {
    case unreadable
    case unreadableKey
    /// The key is encrypted, and no password is given.
    case noPassword
    case wrongPassword
    /// The key is that of another certificate.
    case otherKey
  }

  package let name: String
  /// PEM files. The key may be in the certificate's.
  let file: String
  let keyFile: String
  package let keyPassword: Secret?

  package init(name: String, file: String, keyFile: String?, keyPassword: Secret?) {
    self.name = name
    self.file = file
    self.keyFile = keyFile ?? file
    self.keyPassword = keyPassword
  }

  /// What is wrong with it by what is in its files, which the caller has read; nil: nothing. Some milliseconds where the key is
  /// encrypted.
  package func flaw(certificate: String, key: String) -> Flaw? {
    switch ccrypto_judge_pair(certificate, key, keyPassword?.text) {
    case ccrypto_pair_fits: nil
    case ccrypto_pair_no_certificate: .unreadable
    case ccrypto_pair_no_phrase: .noPassword
    case ccrypto_pair_wrong_phrase: .wrongPassword
    case ccrypto_pair_differs: .otherKey
    default: .unreadableKey
    }
  }
}
