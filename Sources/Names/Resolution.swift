package import Address

/// What became of a look-up.
package enum Resolution: Sendable, Equatable {
  package enum FailureKind: Sendable {
    /// The name does not exist, or has no address.
    case notFound
    /// The name servers could not answer.
    case failed
    case timeout
    /// The caller was cancelled before there was an answer.
    case cancelled
  }

  /// At least one address, IPv4 and IPv6 in turn.
  case addresses([Address], timeToLive: Duration)
  /// The message is a sentence for the user.
  case failure(kind: FailureKind, message: String)
}
