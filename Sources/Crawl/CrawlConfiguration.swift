package import Address
package import Fetch
package import Frontier
package import Names
package import Store

/// What the daemon's configuration says about crawling. Durations are `Duration`; counts have the ranges that the
/// configuration checks.
package struct CrawlConfiguration: Sendable {
  /// The database file.
  package var database: String
  package var hostsFile: String?
  package var resolver = ResolverConfiguration()
  package var guardian = AddressGuard(allow: [])
  package var fetch = FetchConfiguration()
  package var limits = FetchLimits()
  package var httpVersion = FetchRoute.HTTPVersion.automatic
  package var verifiesTLS = true
  /// What tasks choose by these names.
  package var credentials: [String: FetchCredentials] = [:]
  package var proxies: [String: FetchProxy] = [:]
  package var certificates: [String: ClientCertificate] = [:]
  package var handlers: [String: HandlerProgram] = [:]
  package var store = StorePolicy()
  package var frontier = FrontierLimits()
  /// The daemon's own maximum; nil: what the descriptors allow.
  package var maxInFlight: Int?
  /// Sent with every request; names the product and a contact.
  package var userAgent = "crawld/1 (+https://crawld.invalid/)"
  /// The token that groups of robots.txt are matched with (RFC 9309, section 2.2.1).
  package var productToken = "crawld"
  /// What a task's settings are unless it says otherwise.
  package var defaults = TaskSettings()
  package var maxRunningTasks = 64
  /// Tasks that are there, ended ones too.
  package var maxTasks = 10_000
  /// Fetches of one URL, the first included, before it fails, or a server's error is its final answer.
  package var maxAttempts = 4
  /// Wait before the second attempt; each further one waits twice as long, with jitter.
  package var retryDelay: Duration = .seconds(5)
  package var maxRetryDelay: Duration = .seconds(3_600)
  /// Bytes of bodies in memory over all fetches above which none is started, and those that are coming wait.
  package var maxBodyBytes = 256 << 20
  /// Visits handed to the writer and not committed, and their bytes, above which no fetch is started.
  package var maxUncommittedVisits = 64
  package var maxUncommittedBytes = 64 << 20
  /// Bytes of the write-ahead log above which no fetch is started.
  package var maxLogBytes = 1 << 30

  package init(database: String) {
    self.database = database
  }
}
