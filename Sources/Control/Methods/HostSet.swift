/// `host.set`: what a user wants of a host, for every task, effective at once and kept over a restart.
package enum HostSet: ControlMethod {
  package static let name = "host.set"

  package struct Parameters: Codable, Sendable, Equatable {
    /// As in `host.block`.
    package var host: String
    /// `delay` (a longer Crawl-delay counts all the same), `concurrency`, `budget` (URLs per task); `none`: what the tasks
    /// say. What is not named stays.
    package var settings: [String: SettingValue]

    package init(host: String, settings: [String: SettingValue]) {
      self.host = host
      self.settings = settings
    }
  }

  package struct Result: Codable, Sendable, Equatable {
    package var hosts: [HostSettingsReport]

    package init(hosts: [HostSettingsReport]) {
      self.hosts = hosts
    }
  }
}

/// What users want of a host now; what is not there is as the tasks say.
package struct HostSettingsReport: Codable, Sendable, Equatable {
  package var id: Int64
  /// `scheme://name:port`.
  package var host: String
  /// Microseconds.
  package var delay: Int64?
  package var concurrency: Int?
  package var budget: Int?

  package init(id: Int64, host: String, delay: Int64? = nil, concurrency: Int? = nil, budget: Int? = nil) {
    self.id = id
    self.host = host
    self.delay = delay
    self.concurrency = concurrency
    self.budget = budget
  }
}
