-- Redirects from their beginning to their end, the longest first; loop is 1 where they come back to a URL of theirs, and
-- go on for ever. A loop that nothing else leads to begins at the URL that was found first.   --param task=NAME
WITH RECURSIVE redirects (source_id, target_id) AS MATERIALIZED (
  SELECT l.source_url_id, l.target_url_id FROM links l
  JOIN urls u ON u.id = l.source_url_id
  JOIN tasks t ON t.id = u.task_id
  WHERE l.kind = 'redirect' AND t.name = :task
), hops (start_id, lowest_id, url_id, hops, path, ids, loop) AS MATERIALIZED (
  SELECT source_id, min(source_id, target_id), target_id, 1, u.url || ' -> ' || target.url,
    '/' || source_id || '/' || target_id || '/', source_id = target_id
  FROM redirects
  JOIN urls u ON u.id = source_id
  JOIN urls target ON target.id = target_id
  UNION ALL
  SELECT start_id, min(lowest_id, r.target_id), r.target_id, hops + 1, path || ' -> ' || target.url,
    ids || r.target_id || '/', instr(ids, '/' || r.target_id || '/') > 0
  FROM hops
  JOIN redirects r ON r.source_id = hops.url_id
  JOIN urls target ON target.id = r.target_id
  WHERE NOT loop AND hops < 20
), beginnings (id) AS MATERIALIZED (
  SELECT source_id FROM redirects EXCEPT SELECT target_id FROM redirects
), chains (start_id, lowest_id, url_id, hops, path, loop) AS (
  SELECT start_id, lowest_id, url_id, max(hops), path, loop FROM hops GROUP BY start_id
)
SELECT hops, path, loop FROM chains
WHERE start_id IN (SELECT id FROM beginnings)
  OR (url_id = start_id AND start_id = lowest_id
    AND start_id NOT IN (SELECT url_id FROM hops WHERE start_id IN (SELECT id FROM beginnings)))
ORDER BY hops DESC, path;
