-- Answers by status; NULL: none.   --param task=NAME
SELECT f.status, f.outcome, count(*) AS fetches FROM fetches f JOIN tasks t ON t.id = f.task_id
WHERE t.name = :task AND f.url_id IS NOT NULL GROUP BY f.status, f.outcome ORDER BY fetches DESC;
