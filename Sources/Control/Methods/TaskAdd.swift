/// `task.add`: a new task from seeds and settings. A repeated client key answers the task of the first request.
package enum TaskAdd: ControlMethod {
  package static let name = "task.add"

  package struct Parameters: Codable, Sendable, Equatable {
    /// Empty with `recrawl`: those of that task.
    package var seeds: [String]
    /// Unique among tasks; the daemon makes one from the first seed when there is none.
    package var name: String?
    package var settings: [String: SettingValue]
    /// Whether the task begins paused.
    package var paused: Bool
    package var clientKey: String?
    /// The task whose URLs are to be visited again: an id, a name, or the unique beginning of a name. It must have ended.
    /// Seeds and settings that are not given are those of this task.
    package var recrawl: String?
    /// Whether more seeds come by `task.offer`; the task does not finish before `task.seal`. Then `seeds` may be empty.
    package var open: Bool
    /// Whether the rest of its seeds comes next: it is open, and paused for the reason `seeds` until a `task.resume` for that
    /// reason, unless a user pauses it meanwhile.
    package var seedsFollow: Bool

    package init(
      seeds: [String], name: String? = nil, settings: [String: SettingValue] = [:], paused: Bool = false,
      clientKey: String? = nil, recrawl: String? = nil, open: Bool = false, seedsFollow: Bool = false
    ) {
      self.seeds = seeds
      self.name = name
      self.settings = settings
      self.paused = paused
      self.clientKey = clientKey
      self.recrawl = recrawl
      self.open = open
      self.seedsFollow = seedsFollow
    }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      recrawl = try container.decodeIfPresent(String.self, forKey: .recrawl)
      open = try container.decodeIfPresent(Bool.self, forKey: .open) ?? false
      seedsFollow = try container.decodeIfPresent(Bool.self, forKey: .seedsFollow) ?? false
      seeds =
        recrawl == nil && !open && !seedsFollow
        ? try container.decode([String].self, forKey: .seeds)
        : try container.decodeIfPresent([String].self, forKey: .seeds) ?? []
      name = try container.decodeIfPresent(String.self, forKey: .name)
      settings = try container.decodeIfPresent([String: SettingValue].self, forKey: .settings) ?? [:]
      paused = try container.decodeIfPresent(Bool.self, forKey: .paused) ?? false
      clientKey = try container.decodeIfPresent(String.self, forKey: .clientKey)
    }

    enum CodingKeys: String, CodingKey {
      case seeds, name, settings, paused, recrawl, open
      case clientKey = "client_key"
      case seedsFollow = "seeds_follow"
    }
  }

  package struct Result: Codable, Sendable, Equatable {
    package var task: TaskReport
    /// False when the client key was known and the task is an earlier one.
    package var created: Bool

    package init(task: TaskReport, created: Bool = true) {
      self.task = task
      self.created = created
    }
  }
}
