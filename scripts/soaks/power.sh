# The power goes. Sourced by scripts/soak.

usage() {
  cat <<'TEXT'
usage: scripts/soak power [--crawls N] [--cuts N] [--pages N] [--first-seed N]

N crawls (default 1), each of N pages (default 3000) on four hosts and of recrawls of all, which store texts and bodies of two
of them, texts of one, bodies of one, with a handler and without, by schedule and by a user, and whose daemon has every call
recorded that changes its files: what is written where, truncations, syncs, new and removed files. The record is played back and
cut at N places (default 100) that a seed chooses; of what no sync has brought to the medium, each write is then kept, dropped,
or torn by sectors of 512 bytes, and of what was done to the directory a beginning is kept.

Acknowledged is every row that was visible when the last sync of the write-ahead log before the cut had ended, and every page
that another process had seen in the database before. After each cut the file has to be whole (crawlctl doctor) and to have
every acknowledged row, and each page the text and the body that was served and the fields that the handler said; from every
fifth a daemon has to come to the end of the crawls and recrawls, without asking for a page that is there, and each end of a
task has to be told to the handler.
TEXT
}

crawls=1 cuts=100 pages=3000 first_seed=1
take_numbers 1 crawls cuts pages first_seed -- "$@"

setup
for ((seed = first_seed; seed < first_seed + crawls; seed++)); do
  CRAWLD_SOAK_SEED=$seed CRAWLD_SOAK_CUTS=$cuts CRAWLD_SOAK_PAGES=$pages soak_test power whatWasAcknowledgedIsThereAfterACut
done
