#!/bin/sh
# An on-task-done handler: adds a line to the file that its argument names when a task has ended. It needs jq.
#
#     [handlers.diary]
#     program = "/usr/local/lib/crawld/task-diary.sh"
#     arguments = ["/var/lib/crawld/diary"]
#     kinds = ["on-task-done"]
while read -r line; do
  if printf '%s' "$line" | jq --raw-output '"\(.task) \(.end.state): \(.end.done) URLs done, \(.end.failed) failed"' >>"$1"; then
    printf '%s' "$line" | jq --compact-output '{id}'
  else
    printf '%s' "$line" | jq --compact-output '{id, error: "the diary can not be written"}'
  fi
done
