/// Why a text is not a URL; the description is a sentence for the user.
package enum WebURLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No scheme, and no base to resolve against (or one with an opaque path).
  case relativeWithoutBase
  case hostMissing
  case hostHasForbiddenCodePoint
  /// UTS #46 processing refused the domain.
  case domainInvalid
  /// A domain with non-ASCII letters longer than any name that DNS can hold.
  case domainTooLong
  case ipv4Invalid
  case ipv6Invalid
  case portInvalid
  case portOutOfRange
  /// The input or its serialisation is longer than 2³¹ − 1 bytes.
  case tooLong

  package var description: String {
    switch self {
    case .relativeWithoutBase: "the reference is relative and there is nothing to resolve it against"
    case .hostMissing: "the URL has no host"
    case .hostHasForbiddenCodePoint: "the host contains a character that no host may contain"
    case .domainInvalid: "the internationalised domain name is not valid"
    case .domainTooLong: "the internationalised domain name is too long"
    case .ipv4Invalid: "the host ends in a number and is not an IPv4 address"
    case .ipv6Invalid: "the host in brackets is not an IPv6 address"
    case .portInvalid: "the port is not a number"
    case .portOutOfRange: "the port is above 65535"
    case .tooLong: "the URL is too long"
    }
  }
}
