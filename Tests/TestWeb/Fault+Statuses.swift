/// Statuses, and what Retry-After says with them (RFC 9110, sections 15 and 10.2.3).
extension Fault {
  private static func status(_ status: Int, _ fields: String...) -> [WireStep] {
    var response = Response.text("status \(status)\n", status: status)
    response.fields += fields
    return [.send(response)]
  }

  static let statuses: [Fault] = [
    Fault(
      "rate-limited", is: ["ok"],
      at: .answer { argument, visit in
        visit == 1 ? status(429, "Retry-After: \(argument ?? 1)") : [wholePage]
      }),
    Fault(
      "unavailable", is: ["ok"], at: .answer { argument, visit in visit <= argument ?? 1 ? status(503) : [wholePage] }),
    Fault("server-error", is: ["server_error"], status(500)),
    Fault("bad-gateway", is: ["server_error"], status(502)),
    Fault("version-not-supported", is: ["server_error"], status(505)),
    Fault("network-authentication", is: ["server_error"], status(511)),
    Fault("status-599", is: ["server_error"], status(599)),
    Fault("status-600", is: ["server_error"], status(600)),
    Fault("gone", is: ["gone"], status(410)),
    Fault("forbidden", is: ["client_error"], status(403)),
    Fault("unauthorized", is: ["client_error"], status(401, "WWW-Authenticate: Basic realm=\"x\", Negotiate, NTLM")),
    Fault("proxy-authentication", is: ["client_error"], status(407, "Proxy-Authenticate: Basic realm=\"x\"")),
    Fault("request-time-out", is: ["client_error"], status(408)),
    Fault("request-time-out-once", is: ["ok"], at: .answer { _, visit in visit == 1 ? status(408) : [wholePage] }),
    Fault("too-early-once", is: ["ok"], at: .answer { _, visit in visit == 1 ? status(425) : [wholePage] }),
    Fault("teapot", is: ["client_error"], status(418)),
    Fault("upgrade-required", is: ["client_error"], status(426, "Upgrade: TLS/1.0, HTTP/1.1", "Connection: Upgrade")),
    Fault("legal-reasons", is: ["client_error"], status(451)),
    Fault("status-499", is: ["client_error"], status(499)),
    Fault("partial-unasked", is: ["truncated"], status(206, "Content-Range: bytes 0-10/100")),
    Fault("range-not-satisfiable", is: ["client_error"], status(416)),
    Fault("status-299", is: ["ok"], status(299)),
    Fault("multiple-choices", is: ["ok"], status(300)),
    Fault("use-proxy", is: ["ok"], status(305)),
    Fault("status-399", is: ["ok"], status(399)),
    Fault("limited-for-ever", is: ["rate_limited"], status(429)),
    Fault("switches-its-mind", is: ["ok"], at: .answer { _, visit in visit == 1 ? status(500) : [wholePage] }),
  ]

  /// One refusal with this value, then a page.
  private static func after(_ name: String, _ status: Int, _ value: String) -> Fault {
    Fault(
      name, is: ["ok"],
      at: .answer { _, visit in visit == 1 ? Fault.status(status, "Retry-After: \(value)") : [wholePage] })
  }

  /// A value that asks for an hour or more.
  private static func hour(_ name: String, _ status: Int, _ value: String) -> Fault {
    Fault(
      name, is: [status == 429 ? "rate_limited" : "server_error"], limit: .hour,
      Fault.status(status, "Retry-After: \(value)"))
  }

  static let retryAfters: [Fault] = [
    after("after-zero", 429, "0"),
    after("after-a-second", 503, "1"),
    after("after-minus-one", 429, "-1"),
    after("after-1e20", 429, "1e20"),
    after("after-a-fraction", 503, "0.5"),
    after("after-words", 429, "in a moment"),
    after("after-hexadecimal", 429, "0x10"),
    after("after-nothing", 429, ""),
    after("after-a-nul", 503, "1\u{1}0"),
    after("after-a-past-date", 429, "Wed, 21 Oct 2015 07:28:00 GMT"),
    after("after-a-past-date-of-850", 429, "Wednesday, 21-Oct-15 07:28:00 GMT"),
    after("after-a-past-date-of-asctime", 503, "Wed Oct 21 07:28:00 2015"),
    after("after-a-date-that-is-none", 429, "Wed, 31 Feb 2035 07:28:00 GMT"),
    after("after-a-date-without-zone", 429, "2035-01-01"),
    hour("after-20-digits", 429, "99999999999999999999"),
    hour("after-a-day", 503, "86400"),
    hour("after-a-far-date", 429, "Fri, 31 Dec 9999 23:59:59 GMT"),
    hour("after-an-hour-and-a-second", 503, "3601"),
    // The first one counts.
    hour("after-two-values", 429, "7200\r\nRetry-After: 1"),
    // Only a refusal asks for time.
    Fault(
      "after-in-a-page", is: ["ok"],
      [
        .send(Response(fields: ["Content-Type: text/html", "Retry-After: 86400"], body: Array(page.utf8)))
      ]),
    Fault("after-in-a-client-error", is: ["client_error"], status(404, "Retry-After: 86400")),
  ]
}
