-- Pages with the same visible text.   --param task=NAME
SELECT copies, url, title FROM v_duplicates WHERE task = :task ORDER BY copies DESC, text_hash, url;
