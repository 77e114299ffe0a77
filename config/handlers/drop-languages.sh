#!/bin/sh
# A filter-url handler: of a site in several languages it keeps those that its arguments name (drop-languages.sh en de).
# It needs jq. One line in, one line out; jq ends when crawld closes its input, and with it the script.
#
#     [handlers.languages]
#     program = "/usr/local/lib/crawld/drop-languages.sh"
#     arguments = ["en", "de"]
#     kinds = ["filter-url"]
keep=$(printf '%s|' "$@")
exec jq --unbuffered --compact-output --arg keep "${keep%|}" '
  {id, drop: ([.urls[]
    | select(test("^[^/]+//[^/]+/[a-z][a-z](/|$)"))
    | select(test("^[^/]+//[^/]+/(" + $keep + ")(/|$)") | not)
    | {key: ., value: "another language"}] | from_entries)}'
