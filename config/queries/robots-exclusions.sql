-- What robots.txt forbids, and which page names it.   --param task=NAME
SELECT url, found_on FROM v_excluded WHERE task = :task AND reason = 'robots' ORDER BY url;
