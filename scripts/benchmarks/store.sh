# What a visit costs in the store, beside plain prepared statements that write the same rows. Sourced by scripts/bench.

usage() {
  cat <<'TEXT'
usage: scripts/bench store [--pages N] [--rounds N] [--quick] [--directory DIR] [--json]

Writes the visits of a crawl that nobody made through the store, without a fetch, in groups of 64 as the daemon has them: per
page a fetch, a page, 20 links, nine new URLs and the fate of its own. Counts what does not drift (allocations, calls that
write and sync, rows, bytes per page, per known URL and per link) against the thresholds of Tests/store-bench. Then times so
many pages, and a C program that writes the same rows, in the same groups, into the same schema by one plain prepared
statement per row. Each has a process of its own; they take turns, and the median of all rounds counts.

  --pages N        pages that are timed (50000)
  --rounds N       how often each contender is measured (3)
  --quick          counts only
  --directory DIR  where the databases are written, and removed afterwards (the default of mktemp)
  --json           one JSON object per line

Exit code 1 when a threshold is exceeded. CPU is that of all threads, user and system; times drift with the machine's other
work, rows per second with its disk as well.
TEXT
}

pages=50000 rounds=3 quick=no directory=${TMPDIR:-/tmp} json=no
while (($#)); do
  case $1 in
    --quick) quick=yes ;;
    --json) json=yes ;;
    -h | --help) usage && exit 0 ;;
    --pages | --rounds | --directory)
      [[ $# -ge 2 ]] || die 2 "$1 needs a value"
      case $1 in
        --pages) pages=$2 ;;
        --rounds) rounds=$2 ;;
        *) directory=$2 ;;
      esac
      shift
      ;;
    *) die 2 "unknown option $1" ;;
  esac
  shift
done
[[ $rounds =~ ^[1-9][0-9]*$ ]] || die 2 "--rounds needs a number of at least 1"
[[ $pages =~ ^[1-9][0-9]*$ ]] && ((pages > 64)) || die 2 "--pages needs a number above 64"
[[ -d $directory ]] || die 2 "$directory is no directory"

setup
say "building"
build_products storebench
ours=$build_directory/storebench

work=$(mktemp -d -p "$directory")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

code=0
as_json=()
[[ $json == no ]] || as_json=(--json)
say "counting"
"$ours" counts "${as_json[@]}" || code=1
[[ $quick == no ]] || exit "$code"

need_packages gcc libc6-dev
peer=$work/storepeer
gcc -std=gnu11 -O2 -I"$root/Tests/CDiskCount/include" -o "$peer" "$root/Tests/store-peer/main.c" \
  "$root/Tests/CDiskCount/CDiskCount.c" -lsqlite3 >"$work/compiler" 2>&1 ||
  die 1 "the peer does not compile: $(head -n 1 "$work/compiler")"

# One line per measurement: contender, pages, pages measured, nanoseconds of CPU and of wall time, writes, syncs, bytes; ours
# tells of rows, known URLs, links and their bytes as well.
for ((round = 1; round <= rounds; round++)); do
  say "round $round of $rounds"
  rm -f "$work"/*.db*
  figures=$("$ours" write "$pages" "$work/crawl.db") || die 1 "the store has failed"
  awk '{ print "crawld", $1, $5, $6, $7, $8, $9, $10, $4, $2, $3, $11, $12 }' <<<"$figures" >>"$work/samples"
  figures=$("$peer" "$work/crawl.db" "$work/copy.db" 64) || die 1 "the peer has failed"
  echo "sqlite $figures" >>"$work/samples"
done

awk -v json="$json" "$awk_median"'
  function median(name, what) { return median_of(name SUBSEP what, count[name]) }
  function row(name, title, cpu, rate) {
    cpu = median(name, "cpu"); rate = median(name, "rate")
    if (json == "yes") {
      printf "{\"bench\":\"store\",\"contender\":\"%s\",\"pages\":%d,\"rows\":%d,", name, pages, rows
      printf "\"rows_per_second\":%.0f,\"cpu_us_per_page\":%.2f,\"of_sqlite\":%.3f,", rate, cpu, cpu / median("sqlite", "cpu")
      printf "\"writes_per_page\":%.3f,", writes[name]
      printf "\"syncs_per_thousand_pages\":%.2f,\"database_bytes_per_page\":%.0f}\n", syncs[name], bytes[name]
    } else {
      printf "%-22s %10.0f %12.1f %10.2f %12.2f %18.1f %12.0f\n", title, rate, cpu, cpu / median("sqlite", "cpu"), \
        writes[name], syncs[name], bytes[name]
    }
  }
  {
    round = ++count[$1]; pages = $2
    if ($1 == "crawld") { rows = $9; known = $10; links = $11; url_bytes = $12; link_bytes = $13 }
    values[$1, "cpu", round] = $4 / $3 / 1000; values[$1, "rate", round] = rows * $3 / $2 / ($5 / 1e9)
    writes[$1] = $6 / $3; syncs[$1] = $7 / $3 * 1000; bytes[$1] = $8 / $2
  }
  END {
    if (json != "yes") {
      printf "\n%d pages, %d rows; bytes per known URL: %.0f, per link: %.0f\n\n", \
        pages, rows, url_bytes / known, link_bytes / links
      printf "%-22s %10s %12s %10s %12s %18s %12s\n", \
        "", "rows/s", "CPU us/page", "of SQLite", "writes/page", "syncs/1000 pages", "bytes/page"
    }
    row("crawld", "crawld"); row("sqlite", "SQLite, row by row")
  }' "$work/samples"
exit "$code"
