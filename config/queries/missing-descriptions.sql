-- Pages without a meta description.   --param task=NAME
SELECT url, title FROM v_pages WHERE task = :task AND coalesce(description, '') = '' ORDER BY url;
