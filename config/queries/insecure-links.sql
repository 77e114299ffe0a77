-- https pages that link to or load http URLs.   --param task=NAME
SELECT source.url AS page, target.url AS link, l.kind FROM links l JOIN urls source ON source.id = l.source_url_id
JOIN urls target ON target.id = l.target_url_id JOIN tasks t ON t.id = source.task_id
WHERE t.name = :task AND source.url LIKE 'https://%' AND target.url LIKE 'http://%' ORDER BY page, link;
