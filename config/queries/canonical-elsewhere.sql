-- Pages that name another URL as the canonical one.   --param task=NAME
SELECT url, canonical_url FROM v_pages WHERE task = :task AND canonical_url IS NOT NULL AND canonical_url <> url
ORDER BY url;
