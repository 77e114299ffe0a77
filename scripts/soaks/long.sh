# Half an hour, or a night, of users who do everything, and what the daemon takes of the machine. Sourced by scripts/soak.

usage() {
  cat <<'TEXT'
usage: scripts/soak long [--minutes N] [--seed N]

For N minutes (default 30; 480 for a night) users chosen by a seed add tasks that store texts or bodies, with handlers and
schedules, crawl them again, pause, resume, change, cancel, retry and remove them, search, block hosts, reload, query, hold
snapshots of the database, and follow events, half of them without reading any. After the first third the resident memory may
grow by less than 1 MiB per hour (a line through the lowest sample of each minute, least squares: when tasks have ended or are
removed, the daemon gives back what peaks have left, once a minute at most); what two standard errors of that line explain is
not held against it, which is some MiB per hour after half an hour and some KiB after a night. Threads have to be the same all
the time, coroutines and descriptors (± 5, without sockets to servers) at the end what they were at the beginning, the
write-ahead log below 128 MiB, every counter its recount (crawlctl doctor), and of the tasks no row may be left.
TEXT
}

minutes=30 seed=1
take_numbers 1 minutes seed -- "$@"

setup
export CRAWLD_SOAK_LONG_SECONDS=$((60 * minutes)) CRAWLD_SOAK_SEED=$seed
soak_test long LongChurn
