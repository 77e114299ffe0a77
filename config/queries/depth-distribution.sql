-- How far from the seeds pages are.   --param task=NAME
SELECT depth, count(*) AS pages, round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent FROM v_pages
WHERE task = :task GROUP BY depth ORDER BY depth;
