-- Pages to which no other page links: found as seeds or in sitemaps alone.   --param task=NAME
SELECT p.url, p.title, u.depth FROM v_pages p JOIN urls u ON u.id = p.url_id
WHERE p.task = :task AND NOT EXISTS (
  SELECT 1 FROM links l WHERE l.target_url_id = p.url_id AND l.source_url_id <> p.url_id
    AND l.kind NOT IN ('sitemap', 'redirect'))
ORDER BY p.url;
