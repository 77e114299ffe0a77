-- Redirects from their beginning to their end, the longest chains first.   --param task=NAME
WITH RECURSIVE hops (start_id, url_id, hops, path) AS (
  SELECT l.source_url_id, l.target_url_id, 1, u.url || ' -> ' || target.url
  FROM links l
  JOIN urls u ON u.id = l.source_url_id
  JOIN urls target ON target.id = l.target_url_id
  JOIN tasks t ON t.id = u.task_id
  WHERE l.kind = 'redirect' AND t.name = :task
    AND NOT EXISTS (SELECT 1 FROM links before WHERE before.target_url_id = l.source_url_id AND before.kind = 'redirect')
  UNION ALL
  SELECT start_id, l.target_url_id, hops + 1, path || ' -> ' || target.url
  FROM hops
  JOIN links l ON l.source_url_id = hops.url_id AND l.kind = 'redirect'
  JOIN urls target ON target.id = l.target_url_id
  WHERE hops < 20
)
SELECT max(hops) AS hops, path FROM hops GROUP BY start_id ORDER BY hops DESC, path;
