-- Pages to which no other page links, itself or by redirects: found as seeds, in sitemaps or in feeds alone.
-- --param task=NAME
WITH RECURSIVE redirects (source_id, target_id) AS MATERIALIZED (
  SELECT l.source_url_id, l.target_url_id FROM links l
  JOIN urls u ON u.id = l.source_url_id
  JOIN tasks t ON t.id = u.task_id
  WHERE l.kind = 'redirect' AND t.name = :task
), alone (url_id) AS MATERIALIZED (     -- pages that no other page links to by their own URL
  SELECT url_id FROM v_pages WHERE task = :task AND url_id NOT IN (
    SELECT target_url_id FROM links
    WHERE source_url_id <> target_url_id AND kind NOT IN ('sitemap', 'feed', 'redirect'))
), ways (page_id, url_id) AS (          -- each of them, with the URLs that redirect to it
  SELECT url_id, url_id FROM alone
  UNION
  SELECT w.page_id, r.source_id FROM ways w JOIN redirects r ON r.target_id = w.url_id
)
SELECT p.url, p.title, u.depth FROM alone JOIN v_pages p ON p.url_id = alone.url_id JOIN urls u ON u.id = p.url_id
WHERE alone.url_id NOT IN (
  SELECT w.page_id FROM links l
  JOIN ways w ON w.url_id = l.target_url_id AND w.url_id <> w.page_id
  WHERE l.source_url_id <> w.page_id AND l.kind NOT IN ('sitemap', 'feed', 'redirect'))
ORDER BY p.url;
