/// Where a URL's components lie in its serialisation. Offsets count bytes.
///
///     https://user:pass@example.com:1234/foo/bar?baz#quux
///          |  |   |     |          |    |       |   |   |
///          |  |   |     hostStart  |    |       |   |   end
///          |  |   usernameEnd      |    |       |   fragmentStart (= end without one)
///          |  usernameStart        |    |       queryStart (= fragmentStart without one)
///          schemeEnd               |    pathStart
///                                  hostEnd
struct Components: Sendable {
  enum HostKind: UInt8, Sendable {
    case none, empty, domain, ipv4, ipv6, opaque
  }

  var scheme = Scheme.other
  var host = HostKind.none
  var hasPort = false
  var hasOpaquePath = false
  var port: UInt16 = 0
  var schemeEnd: UInt32 = 0
  /// Where the username ends and a colon or an at sign stands; equal to `hostStart` without credentials.
  var usernameEnd: UInt32 = 0
  var hostStart: UInt32 = 0
  var hostEnd: UInt32 = 0
  var pathStart: UInt32 = 0
  var queryStart: UInt32 = 0
  var fragmentStart: UInt32 = 0
  var end: UInt32 = 0

  var usernameStart: UInt32 { schemeEnd + 3 }
  var hasCredentials: Bool { usernameEnd < hostStart }
  var hasPassword: Bool { usernameEnd + 1 < hostStart }
  var hasQuery: Bool { queryStart < fragmentStart }
  var hasFragment: Bool { fragmentStart < end }

  /// The end of the host and port. Without a host a `/.` may stand before a path that begins with two slashes.
  var authorityEnd: UInt32 { host == .none ? hostEnd : pathStart }
}
