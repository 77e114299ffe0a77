extension Schema {
  /// What leads from version 21 to 22: what the settings of tasks were, revision by revision. What a task was added with is
  /// known where it has it still.
  static let version22 = [
    """
    ALTER TABLE task_events ADD COLUMN changes TEXT /* add, set: the settings that it gave, a JSON object of {from, to} by
      name, each a list of texts */
    """,
    """
    UPDATE task_events SET changes = (
      SELECT json_group_object(
        s.key, json_object('to', CASE s.type WHEN 'array' THEN json(s.value) ELSE json_array(s.value) END))
      FROM tasks t, json_each(t.settings) s WHERE t.id = task_events.task_id)
    WHERE action = 'add' AND task_id IN (SELECT id FROM tasks WHERE settings_revision = 1 AND json_valid(settings))
    """,
    """
    CREATE VIEW v_settings AS            -- settings of tasks: what each revision changed, the first: what they were added with
    SELECT t.name AS task, e.settings_revision, \(time("e.at")) AS at, e.actor, s.key AS setting,
      CASE WHEN json_type(s.value, '$.from') = 'array' THEN
        coalesce((SELECT group_concat(v.value, ',') FROM json_each(s.value, '$.from') v), '') END AS old_value,
      coalesce((SELECT group_concat(v.value, ',') FROM json_each(s.value, '$.to') v), '') AS value,
      e.task_id, e.id AS event_id
    FROM task_events e
    JOIN tasks t ON t.id = e.task_id
    JOIN json_each(e.changes) s
    """,
  ]

  /// What leads from version 23 to 24: what the throttle asks for outlives a daemon.
  static let version24 = [
    """
    ALTER TABLE hosts ADD COLUMN throttle_delay INTEGER /* microseconds from request to request that errors, 429, 503 or
      rising latency ask for; NULL: none do */
    """
  ]
}
