import TestWeb

/// The command line of `testweb`, checked.
struct Options: Sendable {
  var site = Site(hosts: 4, pages: 1_000)
  var port: UInt16 = 0
  var addresses = 16
  var hostsFile: String?
  var seedsFile: String?
  var log: String?

  /// Nil when an option is unknown, has no value, or has one out of range.
  init?(_ arguments: some Sequence<String>) {
    var words = Array(arguments)[...]
    while let name = words.popFirst() {
      guard let value = words.popFirst() else { return nil }
      let number = Int(value).flatMap { $0 >= 0 ? $0 : nil }
      switch (name, number) {
      case ("--hosts", let number?) where number > 0: site.hosts = number
      case ("--pages", let number?) where number > 0: site.pages = number
      case ("--filler", let number?): site.filler = number
      case ("--fan-out", let number?) where number > 0: site.fanOut = number
      case ("--back-links", let number?): site.backLinks = number
      case ("--cross-links", let number?): site.crossLinks = number
      case ("--seed", let number?): site.seed = UInt64(number)
      case ("--versioned", let number?): site.isVersioned = number > 0
      case ("--port", let number?) where number <= 65_535: port = UInt16(number)
      case ("--addresses", let number?) where number > 0: addresses = number
      case ("--hosts-file", _): hostsFile = value
      case ("--seeds-file", _): seedsFile = value
      case ("--log", _): log = value
      default: return nil
      }
    }
  }
}
