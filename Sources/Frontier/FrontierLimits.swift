package struct FrontierLimits: Sendable {
  package var maxActiveHosts = 20_000
  /// Entries over all heads while hosts are few: a host's share is between 32 and 512.
  package var headEntries = 32_768
  package var maxInFlight = 1_024
  package var robotsTries = 5
  /// From the start of the first try to that of the last, microseconds.
  package var robotsWindow: Int64 = 120_000_000
  /// How long a robots.txt, or its absence, is believed; microseconds, at most 24 h (RFC 9309, section 2.4).
  package var robotsLifetime: Int64 = 86_400_000_000
  /// Bytes of rules of robots.txt files in memory, but for those of up to 1 KiB. What one host has may be more.
  package var rulesBytes = 64 << 20
  package var maxRedirects = 10
  /// Fetches in flight to one IP address, over all its hosts; 0: any number.
  package var perAddress = 0

  package init() {}
}
