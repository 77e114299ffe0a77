internal import Crawl

extension Configuration {
  private static let agentWords = UserAgent.accepted + ", e.g. \"crawld/1.0\""
  private static let contactWords = "a URL or e-mail address of at most 256 visible ASCII characters without ( and )"

  /// Every key of the file but the settings of [defaults].
  package static let keys: [ConfigurationKey] = [
    .path("daemon", "data", \.daemon.data),
    // A socket's address holds 108 bytes with the NUL at its end.
    .path("daemon", "socket", \.daemon.socket, limit: 107),
    .choice("daemon", "log_level", \.daemon.logLevel),
    .choice("daemon", "log_format", \.daemon.logFormat),
    .duration("daemon", "shutdown_grace", \.daemon.shutdownGrace, .zero ... .seconds(600)),
    .duration("daemon", "slow_call", \.daemon.slowCall, .milliseconds(20) ... .seconds(60)),

    .number("fetch", "max_in_flight", \.fetch.maxInFlight, 1...1_000_000),
    .text("fetch", "user_agent", \.fetch.userAgent, accepted: agentWords) {
      UserAgent.isValid($0)
    },
    .text("fetch", "contact", \.fetch.contact, accepted: contactWords) {
      isVisible($0) && !$0.utf8.contains { "() ".utf8.contains($0) }
    },
    .choice("fetch", "http_version", \.fetch.httpVersion),
    .toggle("fetch", "verify_tls", \.fetch.verifyTLS),
    .path("fetch", "certificate_authorities", \.fetch.certificateAuthorities),
    .size("fetch", "max_body", \.fetch.maxBody, 1_024...(4 << 30)),
    .number("fetch", "max_ratio", \.fetch.maxRatio, 2...1_000_000),
    .size("fetch", "max_header", \.fetch.maxHeader, 1_024...(16 << 20)),
    .duration("fetch", "connect_timeout", \.fetch.connectTimeout, .milliseconds(100) ... .seconds(300)),
    .duration("fetch", "first_byte_timeout", \.fetch.firstByteTimeout, .milliseconds(100) ... .seconds(3_600)),
    .duration("fetch", "total_timeout", \.fetch.totalTimeout, .seconds(1) ... .seconds(86_400)),
    .size("fetch", "low_speed", \.fetch.lowSpeed, 0...(1 << 30)),
    .duration("fetch", "low_speed_time", \.fetch.lowSpeedTime, .seconds(1) ... .seconds(3_600)),
    .duration("fetch", "idle_timeout", \.fetch.idleTimeout, .seconds(1) ... .seconds(3_600)),
    .size("fetch", "max_bodies", \.fetch.maxBodies, (1 << 20)...(64 << 30)),

    .number("politeness", "per_address", \.politeness.perAddress, 0...1_000_000),
    .number("politeness", "max_attempts", \.politeness.maxAttempts, 1...20),
    .duration("politeness", "retry_delay", \.politeness.retryDelay, .milliseconds(100) ... .seconds(3_600)),
    .duration("politeness", "max_retry_delay", \.politeness.maxRetryDelay, .milliseconds(100) ... .seconds(86_400)),

    .texts(
      "network", "allow", \.network.allow, accepted: "a list of networks, e.g. [\"127.0.0.0/8\", \"fd00::/8\"]",
      atMost: 1_024),

    .path("dns", "hosts_file", \.dns.hostsFile),
    .texts(
      "dns", "servers", \.dns.servers, accepted: "a list of addresses, e.g. [\"192.0.2.53\", \"[2001:db8::53]:5353\"]",
      atMost: 16),
    .duration("dns", "timeout", \.dns.timeout, .milliseconds(100) ... .seconds(120)),
    .number("dns", "max_in_flight", \.dns.maxInFlight, 1...4_096),
    .number("dns", "cache_entries", \.dns.cacheEntries, 0...1_000_000),

    .text("robots", "product_token", \.robots.productToken, accepted: "1 to 64 letters, digits, - and _") {
      (1...64).contains($0.utf8.count) && $0.allSatisfy(UserAgent.isTokenCharacter)
    },
    .number("robots", "tries", \.robots.tries, 1...20),
    .duration("robots", "window", \.robots.window, .seconds(1) ... .seconds(3_600)),
    // RFC 9309, section 2.4: not more than 24 hours.
    .duration("robots", "cache", \.robots.cache, .seconds(60) ... .seconds(86_400)),
    .size("robots", "max_rules", \.robots.maxRules, (1 << 20)...(64 << 30)),

    .number("tasks", "max_running", \.tasks.maxRunning, 1...10_000),
    .number("tasks", "max_tasks", \.tasks.maxTasks, 1...1_000_000),

    .number("store", "max_uncommitted_visits", \.store.maxUncommittedVisits, 1...1_000_000),
    .size("store", "max_uncommitted", \.store.maxUncommitted, (1 << 20)...(16 << 30)),
    .duration("store", "group_interval", \.store.groupInterval, .milliseconds(1) ... .seconds(10)),
    .size("store", "checkpoint", \.store.checkpoint, (1 << 20)...(1 << 30)),
    .size("store", "min_free", \.store.minFree, 0...(1 << 40)),
    .number("store", "min_free_percent", \.store.minFreePercent, 0...50),
  ]

  private static func isVisible(_ text: String) -> Bool {
    (1...256).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && !text.hasSuffix(" ")
  }
}
