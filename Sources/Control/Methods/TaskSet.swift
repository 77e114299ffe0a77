/// `task.set`: other settings for a live task, effective at once and recorded.
package enum TaskSet: ControlMethod {
  package static let name = "task.set"

  package struct Parameters: Codable, Sendable, Equatable {
    /// An id, a name, or the unique beginning of a name.
    package var task: String
    package var settings: [String: SettingValue]

    package init(task: String, settings: [String: SettingValue]) {
      self.task = task
      self.settings = settings
    }
  }

  package struct Result: Codable, Sendable, Equatable {
    package var id: Int64
    package var name: String
    /// The revision in force now; as before when nothing differs.
    package var settingsRevision: Int
    /// The settings that have another value now, by name.
    package var changes: [SettingChange]

    package init(id: Int64, name: String, settingsRevision: Int, changes: [SettingChange]) {
      self.id = id
      self.name = name
      self.settingsRevision = settingsRevision
      self.changes = changes
    }

    enum CodingKeys: String, CodingKey {
      case id, name, changes
      case settingsRevision = "settings_revision"
    }
  }

  package struct SettingChange: Codable, Sendable, Equatable {
    package var setting: String
    /// None when the task was added with it.
    package var from: String?
    package var to: String

    package init(setting: String, from: String?, to: String) {
      self.setting = setting
      self.from = from
      self.to = to
    }
  }
}
