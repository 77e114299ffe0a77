-- Pages by language and encoding.   --param task=NAME
SELECT language, charset, count(*) AS pages FROM v_pages WHERE task = :task GROUP BY language, charset
ORDER BY pages DESC;
