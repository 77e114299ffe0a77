-- What goes wrong, by host; a robots.txt that is not there (4xx) is no error.   --param task=NAME
SELECT h.scheme || '://' || h.name || ':' || h.port AS host, f.outcome, count(*) AS fetches, max(f.error) AS for_example
FROM fetches f JOIN hosts h ON h.id = f.host_id JOIN tasks t ON t.id = f.task_id
WHERE t.name = :task AND f.outcome NOT IN ('ok', 'not_modified', 'redirected')
  AND NOT (f.url_id IS NULL AND f.outcome IN ('client_error', 'gone'))
GROUP BY h.id, f.outcome ORDER BY fetches DESC, host;
