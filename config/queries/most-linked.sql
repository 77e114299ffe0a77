-- URLs by the number of pages that link to them.   --param task=NAME
SELECT count(DISTINCT l.source_url_id) AS linking_pages, target.url, target.state
FROM links l JOIN urls target ON target.id = l.target_url_id JOIN tasks t ON t.id = target.task_id
WHERE t.name = :task AND l.kind IN ('a', 'area') GROUP BY target.id ORDER BY linking_pages DESC, target.url;
