-- Pages without an h1.   --param task=NAME
SELECT url, title FROM v_pages WHERE task = :task AND coalesce(h1, '') = '' ORDER BY url;
