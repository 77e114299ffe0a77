-- What each setting of a task was, from when until when, and who changed it; fetches.settings_revision names the revision that a
-- fetch obeyed.   --param task=NAME
SELECT setting, value, old_value, settings_revision AS revision, at AS since,
  lead(at) OVER (PARTITION BY setting ORDER BY settings_revision) AS until, actor
FROM v_settings WHERE task = :task ORDER BY settings_revision, setting;
