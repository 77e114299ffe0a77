-- Titles that several pages share.   --param task=NAME
SELECT title, count(*) AS pages, min(url) AS for_example, group_concat(url, ' ') AS urls FROM v_pages
WHERE task = :task AND title <> '' GROUP BY title HAVING count(*) > 1 ORDER BY pages DESC, title;
