-- Links that lead out of the crawl's scope, by domain.   --param task=NAME
SELECT coalesce(h.registrable_domain, h.name) AS domain, count(DISTINCT l.source_url_id) AS linking_pages,
  count(DISTINCT target.id) AS urls, min(target.url) AS for_example
FROM links l JOIN urls target ON target.id = l.target_url_id JOIN hosts h ON h.id = target.host_id
JOIN tasks t ON t.id = target.task_id
WHERE t.name = :task AND unlikely(target.state = 'excluded' AND target.reason = 'scope')
GROUP BY domain ORDER BY linking_pages DESC, domain;
