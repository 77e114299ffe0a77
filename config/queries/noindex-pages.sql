-- Pages that ask search engines to leave them out.   --param task=NAME
SELECT url, robots FROM v_pages WHERE task = :task AND (robots LIKE '%noindex%' OR robots LIKE '%none%') ORDER BY url;
