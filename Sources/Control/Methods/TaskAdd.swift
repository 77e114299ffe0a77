/// `task.add`: a new task from seeds and settings. A repeated client key answers the task of the first request.
package enum TaskAdd: ControlMethod {
  package static let name = "task.add"

  package struct Parameters: Codable, Sendable, Equatable {
    package var seeds: [String]
    /// Unique among tasks; the daemon makes one from the first seed when there is none.
    package var name: String?
    package var settings: [String: SettingValue]
    /// Whether the task begins paused.
    package var paused: Bool
    package var clientKey: String?

    package init(
      seeds: [String], name: String? = nil, settings: [String: SettingValue] = [:], paused: Bool = false,
      clientKey: String? = nil
    ) {
      self.seeds = seeds
      self.name = name
      self.settings = settings
      self.paused = paused
      self.clientKey = clientKey
    }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      seeds = try container.decode([String].self, forKey: .seeds)
      name = try container.decodeIfPresent(String.self, forKey: .name)
      settings = try container.decodeIfPresent([String: SettingValue].self, forKey: .settings) ?? [:]
      paused = try container.decodeIfPresent(Bool.self, forKey: .paused) ?? false
      clientKey = try container.decodeIfPresent(String.self, forKey: .clientKey)
    }

    enum CodingKeys: String, CodingKey {
      case seeds, name, settings, paused
      case clientKey = "client_key"
    }
  }

  package struct Result: Codable, Sendable, Equatable {
    package var task: TaskReport
    /// False when the client key was known and the task is an earlier one.
    package var created: Bool
    /// What the daemon did otherwise than asked, e.g. a seed that was given twice.
    package var warnings: [String]?

    package init(task: TaskReport, created: Bool = true, warnings: [String]? = nil) {
      self.task = task
      self.created = created
      self.warnings = warnings
    }
  }
}
