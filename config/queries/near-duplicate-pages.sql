-- Pages whose texts are nearly the same, of a task with --store text or all.   --param task=NAME
SELECT distance, url, other_url FROM v_near_duplicates WHERE task = :task ORDER BY distance, url, other_url;
