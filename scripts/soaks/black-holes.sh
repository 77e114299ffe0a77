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
while (($#)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
  esac
  [[ $# -ge 2 && $2 =~ ^[0-9]+$ ]] || die 2 "$1 needs a number"
  case $1 in
    --holes) holes=$2 ;;
    --pages) pages=$2 ;;
    --share) share=$2 ;;
    *) die 2 "unknown option $1" ;;
  esac
  shift 2
done

setup
ulimit -n "$(ulimit -Hn)"
CRAWLD_SOAK_HOLES=$holes CRAWLD_SOAK_PAGES=$pages CRAWLD_SOAK_SHARE=$share CRAWLD_SOAK_ROUNDS=3 \
  soak_test "$holes holes" aGoodHostIsCrawledAmongThem
