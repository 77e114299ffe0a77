/// Why a text is not a network; the description is a sentence for the user.
package enum AddressError: Error, Equatable, CustomStringConvertible {
  case notAnAddress(String)
  case notAPrefixLength(String, maximum: Int)
  case bitsBeyondPrefix(String, suggestion: String)

  package var description: String {
    switch self {
    case .notAnAddress(let text):
      "“\(text)” is not an IPv4 or IPv6 address; a network is written like 127.0.0.0/8 or fd00::/8"
    case .notAPrefixLength(let text, let maximum):
      "“\(text)” does not end in a prefix length from 0 to \(maximum), as in 127.0.0.0/8"
    case .bitsBeyondPrefix(let text, let suggestion):
      "“\(text)” has bits set beyond its prefix length; the network is \(suggestion)"
    }
  }
}
