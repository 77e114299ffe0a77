-- What is not fetched, by rule.   --param task=NAME
SELECT reason, count(*) AS urls, min(url) AS for_example FROM v_excluded WHERE task = :task
GROUP BY reason ORDER BY urls DESC;
