-- URLs without a good answer, those first to which most pages link.   --param task=NAME
SELECT link, status, outcome, count(DISTINCT page) AS linking_pages FROM v_broken_links WHERE task = :task
GROUP BY link, status, outcome ORDER BY linking_pages DESC, link;
