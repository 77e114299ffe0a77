-- Hosts by the time that they take, in milliseconds, the slowest first; first_byte_ms is the mean of fetches with an answer.
-- --param task=NAME
SELECT h.scheme || '://' || h.name || ':' || h.port AS host, count(*) AS fetches,
  round(avg(CASE WHEN f.status IS NOT NULL THEN f.time_first_byte END) / 1000.0, 1) AS first_byte_ms,
  round(avg(f.time_total) / 1000.0, 1) AS total_ms,
  round(max(f.time_total) / 1000.0, 1) AS longest_ms, sum(f.status IS NULL) AS without_answer
FROM fetches f JOIN hosts h ON h.id = f.host_id JOIN tasks t ON t.id = f.task_id
WHERE t.name = :task GROUP BY h.id ORDER BY total_ms DESC;
