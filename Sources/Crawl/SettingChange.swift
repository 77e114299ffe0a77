internal import FoundationEssentials
internal import Store

/// A setting that a task was given: its texts before and from then on.
package struct SettingChange: Sendable, Equatable {
  package var setting: String
  /// nil when the task was added with it.
  package var old: [String]?
  package var new: [String]

  /// Several joined by commas, for people.
  package var from: String? { old?.joined(separator: ",") }
  package var to: String { new.joined(separator: ",") }

  /// Those of `new` that differ from `old`, by name.
  static func changes(from old: [String: [String]], to new: [String: [String]]) -> [SettingChange] {
    new.keys.sorted().filter { old[$0] != new[$0] }.map {
      SettingChange(setting: $0, old: old[$0], new: new[$0] ?? [])
    }
  }

  /// As `task_events.changes` has them: a JSON object of `{"from": …, "to": …}` by the settings' names, keys sorted.
  static func json(_ changes: [SettingChange]) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let byName = Dictionary(uniqueKeysWithValues: changes.map { ($0.setting, Values(from: $0.old, to: $0.new)) })
    guard let data = try? encoder.encode(byName) else { fatalError("texts are JSON") }
    return String(decoding: data, as: UTF8.self)
  }

  /// What `json` has made; none of anything else.
  static func read(_ json: String) -> [SettingChange] {
    let byName = (try? JSONDecoder().decode([String: Values].self, from: Data(json.utf8))) ?? [:]
    return byName.sorted { $0.key < $1.key }.map {
      SettingChange(setting: $0.key, old: $0.value.from, new: $0.value.to)
    }
  }

  private struct Values: Codable {
    var from: [String]?
    var to: [String]
  }
}

/// What `set` gave a task: the settings of one revision that differ from those of the revision before.
package struct SettingsRevision: Sendable {
  package var revision: Int
  /// Microseconds since 1970 UTC.
  package var at: Int64
  package var actor: String
  package var changes: [SettingChange]

  init(_ event: TaskEventRecord) {
    revision = event.settingsRevision ?? 0
    at = event.at
    actor = event.actor
    changes = event.changes.map(SettingChange.read) ?? []
  }
}

extension Crawler {
  /// The latest changes of a task's settings, the newest first.
  package func settingsHistory(of id: Int64) async throws(CrawlError) -> [SettingsRevision] {
    try await asked { try await $0.taskEvents(id, action: "set", limit: 5) }.map(SettingsRevision.init)
  }
}
