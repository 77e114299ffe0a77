/// What `crawlctl diff` asks: what one task found other than an earlier one did.
package enum TaskComparison {
  /// `:earlier` and `:later` are names of tasks. A URL had a page when its last answer was a success, or said that the page is
  /// what it was: `new` (the earlier
  /// task has no page of it), `changed` (another body), `moved` (a redirect now), `gone` (404 or 410 now), `missing` (the
  /// later task has no such answer: it did not come to it, or it failed). Cost: the table of URLs is read twice.
  package static let sql = """
    WITH was AS MATERIALIZED (
      SELECT u.fingerprint, u.url, f.content_hash, p.title
      FROM urls u
      JOIN tasks t ON t.id = u.task_id
      LEFT JOIN fetches f ON f.id =
        (SELECT max(id) FROM fetches WHERE url_id = u.id AND outcome IN ('ok', 'not_modified'))
      LEFT JOIN pages p ON p.url_id = u.id AND p.run_id = t.run_id
      WHERE t.name = :earlier AND u.state = 'done' AND coalesce(u.reason, 'not_modified') = 'not_modified'
    ), now AS MATERIALIZED (
      SELECT u.fingerprint, u.url, u.state, nullif(u.reason, 'not_modified') AS reason, f.content_hash, f.status, f.redirect_to, p.title
      FROM urls u
      JOIN tasks t ON t.id = u.task_id
      LEFT JOIN fetches f ON f.id = (SELECT max(id) FROM fetches WHERE url_id = u.id)
      LEFT JOIN pages p ON p.url_id = u.id AND p.run_id = t.run_id
      WHERE t.name = :later
    )
    SELECT change, url, status, redirect_to, was_title, title FROM (
      SELECT CASE
          WHEN now.state IS NOT 'done' THEN 'missing'
          WHEN now.reason = 'redirected' THEN 'moved'
          WHEN now.status IN (404, 410) THEN 'gone'
          WHEN now.reason IS NOT NULL THEN 'missing'
          WHEN now.content_hash IS NOT was.content_hash THEN 'changed'
        END AS change, was.url, now.status, now.redirect_to, was.title AS was_title, now.title
      FROM was LEFT JOIN now ON now.fingerprint = was.fingerprint
      UNION ALL
      SELECT 'new', now.url, now.status, NULL, NULL, now.title
      FROM now LEFT JOIN was ON was.fingerprint = now.fingerprint
      WHERE now.state = 'done' AND now.reason IS NULL AND was.fingerprint IS NULL)
    WHERE change IS NOT NULL ORDER BY change, url
    """

  /// Among the task `:task`, the tasks that it visits again, and all their recrawls: the one that began last up to
  /// `:time` (microseconds since 1970 UTC). No row when none had begun by then.
  package static let taskAtTime = """
    WITH RECURSIVE earlier (id) AS (
      SELECT id FROM tasks WHERE name = :task
      UNION
      SELECT t.recrawl_of FROM tasks t JOIN earlier ON earlier.id = t.id WHERE t.recrawl_of IS NOT NULL
    ), crawls (id) AS (
      SELECT id FROM earlier
      UNION
      SELECT t.id FROM tasks t JOIN crawls ON t.recrawl_of = crawls.id
    )
    SELECT t.name FROM tasks t JOIN crawls ON crawls.id = t.id
    WHERE t.started_at <= :time ORDER BY t.started_at DESC, t.id DESC LIMIT 1
    """

  /// The name of the task that `:task` visits again; no row when it is no recrawl.
  package static let earlierTask = """
    SELECT earlier.name FROM tasks t JOIN tasks earlier ON earlier.id = t.recrawl_of WHERE t.name = :task
    """
}
