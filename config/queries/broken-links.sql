-- Broken links and the pages that have them.   crawlctl query -f config/queries/broken-links.sql --param task=NAME
SELECT page, link, anchor, status, outcome FROM v_broken_links WHERE task = :task ORDER BY page, link;
