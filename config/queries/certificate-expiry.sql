-- Certificates by the time that is left, the shortest first.   --param task=NAME
SELECT h.name AS host, h.port, strftime('%Y-%m-%dT%H:%M:%SZ', max(f.certificate_expires_at) / 1000000, 'unixepoch')
  AS expires_at, round((max(f.certificate_expires_at) / 1000000 - unixepoch()) / 86400.0, 1) AS days_left, f.tls_version
FROM fetches f JOIN hosts h ON h.id = f.host_id JOIN tasks t ON t.id = f.task_id
WHERE t.name = :task AND f.certificate_expires_at IS NOT NULL GROUP BY h.id ORDER BY days_left;
