extension Schema {
  /// What leads from version 27 to 28: ids that were given once are not given again when what had them is removed.
  static let version28 = [
    "ALTER TABLE database ADD COLUMN last_task_id INTEGER NOT NULL DEFAULT 0 /* ids up to it have been given */",
    "ALTER TABLE database ADD COLUMN last_run_id INTEGER NOT NULL DEFAULT 0 /* ids up to it have been given */",
    "ALTER TABLE database ADD COLUMN last_url_id INTEGER NOT NULL DEFAULT 0 /* ids up to it have been given */",
    "ALTER TABLE database ADD COLUMN last_fetch_id INTEGER NOT NULL DEFAULT 0 /* ids up to it have been given */",
  ]
}
