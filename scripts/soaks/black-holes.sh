# A good host among hosts that never answer. Sourced by scripts/soak.

usage() {
  cat <<'TEXT'
usage: scripts/soak black-holes [--holes N] [--pages N] [--share PERCENT]

A host of N pages (default 100000) is crawled without a delay, alone and then together with N hosts (default 999) that accept
and never answer, never accept, or refuse. By the server's stamps it keeps PERCENT (default 90) of its lone rate, at the best
of three.
TEXT
}

holes=999 pages=100000 share=90
take_numbers 0 holes pages share -- "$@"

setup
ulimit -n "$(ulimit -Hn)"
CRAWLD_SOAK_HOLES=$holes CRAWLD_SOAK_PAGES=$pages CRAWLD_SOAK_SHARE=$share CRAWLD_SOAK_ROUNDS=3 \
  soak_test "$holes holes" aGoodHostIsCrawledAmongThem
