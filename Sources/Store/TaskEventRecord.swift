/// A row of `task_events`: who did what to a task, when, and what it changed.
package struct TaskEventRecord: Sendable, Equatable {
  package var taskID: Int64
  /// Microseconds since 1970 UTC.
  package var at: Int64
  package var actor: String
  package var action: String
  package var fromState: String?
  package var toState: String?
  package var reason: String?
  package var settingsRevision: Int?
  /// Of `add` and `set`: a JSON object of `{"from": …, "to": …}` by the settings' names.
  package var changes: String?

  package init(
    taskID: Int64, at: Int64, actor: String, action: String, fromState: String? = nil, toState: String? = nil,
    reason: String? = nil, settingsRevision: Int? = nil, changes: String? = nil
  ) {
    self.taskID = taskID
    self.at = at
    self.actor = actor
    self.action = action
    self.fromState = fromState
    self.toState = toState
    self.reason = reason
    self.settingsRevision = settingsRevision
    self.changes = changes
  }
}
