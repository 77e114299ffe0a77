-- https pages that link to or load http URLs.   --param task=NAME
SELECT source.url AS page, target.url AS link, l.kind FROM urls target JOIN tasks t ON t.id = target.task_id
JOIN links l ON l.target_url_id = target.id JOIN urls source ON source.id = l.source_url_id
WHERE t.name = :task AND unlikely(target.url LIKE 'http://%') AND source.url LIKE 'https://%' ORDER BY page, link;
