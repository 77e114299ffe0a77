-- Pages by the time that they take, in milliseconds, the slowest first.   --param task=NAME
SELECT round(time_total / 1000.0, 1) AS total_ms, status, body_bytes, url FROM v_pages WHERE task = :task
ORDER BY time_total DESC;
