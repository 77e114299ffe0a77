// The daemon's configuration: a TOML file, checked whole before anything starts.
//
// `Configuration.keys` is the one table: it drives reading, ranges and the text of every error; config/crawld.toml
// explains the same keys to people, and a test holds the two together. A value that is missing has its default. What is
// not in the table is refused: a misspelt key must not pass for a setting. The settings of [defaults] belong to Crawl,
// which has their table; here they are texts with lines.
//
// Reading is free of I/O (text in, value or error out), so SIGHUP can check a file before anything changes.

package import Crawl

/// What a configuration file says, or the defaults.
package struct Configuration: Sendable {
  package var daemon = Daemon()
  package var fetch = Fetch()
  package var politeness = Politeness()
  package var network = Network()
  package var dns = Names()
  package var robots = Robots()
  package var tasks = Tasks()
  package var store = Store()
  /// What tasks choose by these names.
  package var credentials: [String: Credentials] = [:]
  package var proxies: [String: Proxy] = [:]
  package var certificates: [String: Certificate] = [:]
  package var handlers: [String: HandlerProgram] = [:]
  /// Settings of tasks that say nothing else, as texts under the setting's name: `Configuration.taskDefaults` reads them.
  package var defaults: [String: [String]] = [:]

  /// The file's name, for errors; empty when there is no file.
  package private(set) var fileName = ""
  /// The line of every key that the file sets, as `section.key`.
  package var lines: [String: Int] = [:]

  /// What the file sets, by the same keys, as it was read: secrets among it.
  var values: [String: ConfigurationValue] = [:]

  /// The defaults.
  package init() {}

  init(fileName: String) {
    self.fileName = fileName
  }

  package struct Daemon: Sendable {
    package enum LogLevel: String, CaseIterable, Sendable {
      case trace, debug, info, notice, warning, error, critical
    }
    package enum LogFormat: String, CaseIterable, Sendable {
      case text, json
    }

    /// nil: the daemon's default for this user.
    package var data: String?
    package var socket: String?
    package var logLevel = LogLevel.info
    package var logFormat = LogFormat.text
    package var shutdownGrace = Duration.seconds(10)
    package var slowCall = Duration.milliseconds(100)
  }

  package struct Fetch: Sendable {
    package enum HTTPVersion: String, CaseIterable, Sendable {
      case http1 = "1.1"
      case http2 = "2"
    }

    /// nil: what the descriptors allow.
    package var maxInFlight: Int?
    package var userAgent = "crawld/1.0"
    package var contact: String?
    package var httpVersion = HTTPVersion.http2
    package var verifyTLS = true
    package var certificateAuthorities: String?
    package var maxBody: Int64 = 10 << 20
    package var maxRatio = 200
    package var maxHeader: Int64 = 300 << 10
    package var connectTimeout = Duration.seconds(10)
    package var firstByteTimeout = Duration.seconds(30)
    package var totalTimeout = Duration.seconds(300)
    package var lowSpeed: Int64 = 100
    package var lowSpeedTime = Duration.seconds(30)
    package var idleTimeout = Duration.seconds(10)
    package var maxBodies: Int64 = 256 << 20
  }

  package struct Politeness: Sendable {
    package var perAddress = 0
    package var maxAttempts = 4
    package var retryDelay = Duration.seconds(5)
    package var maxRetryDelay = Duration.seconds(3_600)
  }

  package struct Network: Sendable {
    /// Networks as texts, e.g. `127.0.0.0/8`.
    package var allow: [String] = []
  }

  package struct Names: Sendable {
    package var hostsFile: String?
    /// `address` or `address:port`; empty: the system's.
    package var servers: [String] = []
    package var timeout = Duration.seconds(10)
    package var maxInFlight = 256
    package var cacheEntries = 16_384
  }

  package struct Robots: Sendable {
    package var productToken: String?
    package var tries = 5
    package var window = Duration.seconds(120)
    package var cache = Duration.seconds(86_400)
    package var maxRules: Int64 = 64 << 20
  }

  package struct Tasks: Sendable {
    package var maxRunning = 64
    package var maxTasks = 10_000
  }

  package struct Store: Sendable {
    package var maxUncommittedVisits = 64
    package var maxUncommitted: Int64 = 64 << 20
    package var groupInterval = Duration.milliseconds(10)
    package var checkpoint: Int64 = 16 << 20
    package var minFree: Int64 = 256 << 20
    package var minFreePercent = 1
  }
}

extension Configuration {
  /// The User-Agent field: product and contact.
  package var userAgent: String { fetch.contact.map { "\(fetch.userAgent) (+\($0))" } ?? fetch.userAgent }

  /// The token that groups of robots.txt are found with (RFC 9309, section 2.2.1): as configured, else what the
  /// User-Agent field begins with.
  package var productToken: String { robots.productToken ?? UserAgent.productToken(of: fetch.userAgent) }

  /// An error at the line of `key` (`section.name`): for values that another room judges.
  package func refusal(_ key: String, problem: String, accepted: String) -> ConfigurationError {
    ConfigurationError(file: fileName, line: lines[key], key: key, problem: problem, accepted: accepted)
  }

  /// The keys, as `section.key`, that another file sets otherwise, or that only one of the two sets; sorted.
  package func differences(from other: Configuration) -> [String] {
    Set(values.keys).union(other.values.keys).filter { values[$0] != other.values[$0] }.sorted()
  }

  /// Takes over the grace of another file: the one key that holds without a new start.
  package mutating func takeGrace(of other: Configuration) {
    daemon.shutdownGrace = other.daemon.shutdownGrace
    values[Self.graceKey] = other.values[Self.graceKey]
  }

  package static let graceKey = "daemon.shutdown_grace"
}
