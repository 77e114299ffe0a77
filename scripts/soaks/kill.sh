# Kills of the daemon, and whether anything is lost or doubled. Sourced by scripts/soak.

usage() {
  cat <<'TEXT'
usage: scripts/soak kill [--crawls N] [--kills N] [--pages N] [--first-seed N]

N crawls (default 5), each of N pages (default 10000, on four hosts) and of recrawls of all, in which the daemon is killed (-9)
N times (default 100) at moments that a seed chooses: some time after some request, or at its n-th write or sync of the
database's files (by strace).
Of one host the pages' texts and bodies are stored, of one the texts, of one the bodies, of one neither; two of the tasks have
a handler, which gives pages fields and links, drops and rewrites URLs, fails for some pages and dies of others; two are
crawled again by their schedules, two by a user, and half-way some pages change.
After each kill the server's log and the database have to agree: the file is whole, counters equal recounts, no page is stored
twice, none is gone that was there, each has the text and the body that was served and the fields that the handler said, what is
done has its result and its links, and at most what was in flight or waited for a handler or its transaction is asked for again.
At the end every page and every link of the site is there for each crawl of it and was fetched once but for those, the
full-text index is that of the texts, no task was crawled again twice, and the handler was told of every end.
A crawl takes some minutes.
TEXT
}

crawls=5 kills=100 pages=10000 first_seed=1
take_numbers 1 crawls kills pages first_seed -- "$@"

setup
need_packages strace
export CRAWLD_SOAK_SEEDS=1 CRAWLD_SOAK_KILLS=$kills CRAWLD_SOAK_PAGES=$pages CRAWLD_SOAK_SYSTEM_CALLS=1
for ((seed = first_seed; seed < first_seed + crawls; seed++)); do
  CRAWLD_SOAK_SEED=$seed soak_test kill nothingIsLostAndNothingDoubled
done
