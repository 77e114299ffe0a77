-- Pages that ask search engines to leave them out: noindex or none is among what meta robots and X-Robots-Tag say, as a
-- directive of its own (max-image-preview:none is another one).   --param task=NAME
SELECT url, robots FROM v_pages
WHERE task = :task AND EXISTS (
  SELECT 1 FROM json_each('[' || replace(json_quote(lower(robots)), ',', '","') || ']') directive
  WHERE instr(directive.value, ':') = 0
    AND (' ' || replace(replace(directive.value, char(9), ' '), char(10), ' ') || ' ' GLOB '* noindex *'
      OR ' ' || replace(replace(directive.value, char(9), ' '), char(10), ' ') || ' ' GLOB '* none *'))
ORDER BY url;
