-- Pages by their size, decoded, the largest first.   --param task=NAME
SELECT body_bytes, content_type, word_count, url FROM v_pages WHERE task = :task ORDER BY body_bytes DESC;
