/// The resolver's settings.
package struct ResolverConfiguration: Sendable {
  package enum Families: Sendable {
    /// IPv4, and IPv6 if this machine has a route to the IPv6 internet.
    case automatic
    /// Tests alone ask for these.
    case ipv4
    /// As `ipv4`.
    case both
  }

  /// Name servers as `address[:port],…`; nil: the system's.
  package var servers: String?
  /// Where the system names its servers (resolv.conf(5)). It is read again when it has changed.
  package var systemFile = "/etc/resolv.conf"
  /// That of servers which are named without one.
  package var port: UInt16 = 53
  package var families = Families.automatic
  /// For one look-up, from the moment that its queries are sent.
  package var deadline: Duration = .seconds(10)
  /// How long a question waits for its answer before it is sent again, then twice as long, and so on; at least 1 ms.
  package var retransmission: Duration = .milliseconds(1_500)
  /// How long the answer of one family waits for the other family's.
  package var patience: Duration = .milliseconds(100)
  /// How long addresses are believed at most, whatever their time to live, which may be 68 years (RFC 2181 section 8).
  package static let maximumTimeToLive: Duration = .seconds(86_400)
  /// How long "does not exist" is believed when the answer does not say it, and at most of a name that had addresses before.
  package static let unsaidTimeToLive: Duration = .seconds(5)
  /// How long "does not exist" is believed at most, and the addresses of one family when the other family's could not be had.
  package var negativeTimeToLive: Duration = .seconds(60)
  /// Names looked up at once, from 1; the rest wait in order, without a deadline. Those whose question had to be sent again
  /// count no longer, and the other names of their sites wait apart, until something is heard of one; of these, as many are
  /// looked up at once. Four times as many questions may be unanswered.
  package var maximumInFlight = 256
  /// Names kept, from 0; the oldest give way.
  package var cacheEntries = 16_384

  package init() {}
}
