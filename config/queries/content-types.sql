-- What was fetched, by content type.   --param task=NAME
SELECT lower(trim(substr(f.content_type, 1, instr(f.content_type || ';', ';') - 1))) AS content_type, count(*) AS fetches,
  sum(f.body_bytes) AS body_bytes
FROM fetches f JOIN tasks t ON t.id = f.task_id
WHERE t.name = :task AND f.url_id IS NOT NULL AND f.status IS NOT NULL
GROUP BY 1 ORDER BY fetches DESC;
