-- What a recrawl found other than it was; the task is the recrawl.   --param task=NAME
SELECT change, url, was_title, title, redirect_to FROM v_changes
WHERE task = :task AND change IN ('new', 'changed', 'gone', 'moved') ORDER BY change, url;
