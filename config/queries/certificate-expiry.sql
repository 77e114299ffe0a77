-- Certificates by the time that is left, the shortest first: what each host showed last.   --param task=NAME
WITH latest (host_id, fetch_id) AS (
  SELECT f.host_id, max(f.id) FROM fetches f JOIN tasks t ON t.id = f.task_id
  WHERE t.name = :task AND f.certificate_expires_at IS NOT NULL GROUP BY f.host_id
)
SELECT h.name AS host, h.port, strftime('%Y-%m-%dT%H:%M:%SZ', f.certificate_expires_at / 1000000, 'unixepoch')
  AS expires_at, round((f.certificate_expires_at / 1000000 - unixepoch()) / 86400.0, 1) AS days_left, f.tls_version
FROM latest JOIN fetches f ON f.id = latest.fetch_id JOIN hosts h ON h.id = latest.host_id
ORDER BY days_left;
