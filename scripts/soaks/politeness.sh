# Politeness, judged by the server's own log. Sourced by scripts/soak.

usage() {
  cat <<'TEXT'
usage: scripts/soak politeness [--seeds N] [--first-seed N] [--hosts N] [--pages N] [--moments N]

For each of N seeds (default 5) a crawl of N hosts (default 20) of N pages (default 24) by five tasks with different
settings: hosts that ask for a Crawl-delay, answer 429 and 503 with Retry-After, forbid some pages or all. At N moments
(default 60) that the seed chooses the daemon is killed (every third time), a task is paused or resumed, or gets another
delay and concurrency. The log of the server then has to show no violation of delay, concurrency, Crawl-delay, Retry-After,
robots.txt and pauses, and the database every page once. A seed takes a minute or two.
TEXT
}

seeds=5 first_seed=1 hosts=20 pages=24 moments=60
take_numbers 0 seeds first_seed hosts pages moments -- "$@"
((hosts >= 8)) || die 2 "--hosts takes 8 or more: every task needs hosts that differ"

setup
export CRAWLD_SOAK_HOSTS=$hosts CRAWLD_SOAK_PAGES=$pages CRAWLD_SOAK_MOMENTS=$moments
for ((seed = first_seed; seed < first_seed + seeds; seed++)); do
  CRAWLD_SOAK_SEED=$seed soak_test "seed $seed" aMixedCrawlIsPoliteOverKillsAndPausesAndChanges
done
say "no violation"
