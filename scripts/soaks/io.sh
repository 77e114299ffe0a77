# A disk that fails or is full. Sourced by scripts/soak.

usage() {
  cat <<'TEXT'
usage: scripts/soak io [--first N] [--last N]

Crawls and recrawls of a small site, which store nothing, texts, bodies or both, with a handler or without, by a schedule or by
a user, while the n-th write of the daemon fails with ENOSPC, three writes from the n-th on with EIO, the n-th sync with EIO, or
the n-th opening of a file with EIO, for n from the first (default 1) to the last (default 300, or as many as a crawl has):
counted from the creation of the database and from when the daemon is ready. A library that is preloaded into the daemon makes
them fail; a write that fails has written half. No daemon may crash; one that can't start says so and starts the next time; else
the crawl has to come to its end by itself, with every page and link of the site stored once, with the text and the body that
was served and the fields that the handler said, no page asked for twice by one crawl, and one recrawl. Then a small file system
(tmpfs) is filled while a crawl runs on it, once up to the limit of the disk guard and once to the last byte: fetching stops
with the reason, every verb answers, and the crawl goes on when there is room. 300 take an hour.
TEXT
}

first=1 last=300
take_numbers 1 first last -- "$@"
((first <= last)) || die 2 "--first $first is more than --last $last"
setup
CRAWLD_SOAK_FIRST=$first CRAWLD_SOAK_LAST=$last soak_test io whateverCallFailsTheCrawlComesToTheSameEnd
soak_test io aFileSystemThatFillsHoldsTheCrawlUpUntilThereIsRoom
