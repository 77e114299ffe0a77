-- Pages without a title.   --param task=NAME
SELECT url, h1 FROM v_pages WHERE task = :task AND coalesce(title, '') = '' ORDER BY url;
