# What an offer and a start cost in the frontier, and how that grows with what it knows. Sourced by scripts/bench.

usage() {
  cat <<'TEXT'
usage: scripts/bench frontier [--urls N] [--hosts N] [--rounds N] [--quick] [--instructions] [--json]

Fills a frontier with URLs that nobody fetches: links of pages, robots.txt obeyed, no delay. Counts what does not drift
(allocations of an offer that is new, of one that is known and of a start with its end; bytes of memory per known URL) against
the thresholds of Tests/frontier-bench. Then takes the times of these at 100,000, 1,000,000 and 10,000,000 known URLs: they
should hardly grow. The last 100,000 offers before each mark count, offers of known URLs are drawn from all, and the URLs and
the rows behind the heads of queues are made before the clock starts.

  --urls N         how many URLs at most, up to 10,000,000 (1,000,000)
  --hosts N        on how many hosts, up to 1,000,000 (100); beyond 20,000 most of them are not in memory
  --rounds N       how often the frontier is filled; the median counts (3)
  --quick          counts only
  --instructions   count instructions as well, by valgrind
  --json           one JSON object per line

Exit code 1 when a threshold is exceeded. Times (CPU) drift with the machine.
TEXT
}

urls=1000000 hosts=100 rounds=3 quick=no instructions=no json=no
while (($#)); do
  case $1 in
    --quick) quick=yes ;;
    --instructions) instructions=yes ;;
    --json) json=yes ;;
    -h | --help) usage && exit 0 ;;
    --urls | --hosts | --rounds)
      [[ $# -ge 2 && $2 =~ ^[1-9][0-9]*$ ]] || die 2 "$1 needs a number of at least 1"
      case $1 in
        --urls) urls=$2 ;;
        --hosts) hosts=$2 ;;
        *) rounds=$2 ;;
      esac
      shift
      ;;
    *) die 2 "unknown option $1" ;;
  esac
  shift
done
((urls >= 100000 && urls <= 10000000)) || die 2 "--urls takes 100000 to 10000000"
((hosts <= 1000000 && hosts <= urls)) || die 2 "--hosts takes 1 to 1000000, and no more than there are URLs"

setup
say "building"
build_products frontierbench
ours=$build_directory/frontierbench

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

code=0
as_json=()
[[ $json == no ]] || as_json=(--json)
say "counting"
"$ours" counts "${as_json[@]}" || code=1
if [[ $instructions == yes ]]; then
  need_packages valgrind binutils
  # Debian's valgrind does not read the debugging information of the Swift compiler.
  strip -g -o "$work/frontierbench" "$ours"
  SWIFT_DETERMINISTIC_HASHING=1 valgrind --tool=callgrind --callgrind-out-file="$work/callgrind" \
    "$work/frontierbench" instructions >/dev/null 2>"$work/valgrind" || die 1 "valgrind has failed: $(tail -n 1 "$work/valgrind")"
  awk '
    /^desc: Trigger: Client Request: / { operations = $5; name = $6 }
    /^summary: / && name { sums[name] += $2; counts[name] += operations; name = "" }
    END { for (name in sums) print name "-instructions", sums[name] / counts[name] }' "$work"/callgrind.* | sort >"$work/counts"
  [[ -s $work/counts ]] || die 1 "callgrind has counted nothing"
  while read -r name value; do "$ours" judge "$name" "$value" "${as_json[@]}" || code=1; done <"$work/counts"
fi
[[ $quick == no ]] || exit "$code"

marks=()
for mark in 100000 1000000 10000000; do ((mark < urls)) && ((mark >= hosts)) && marks+=("$mark"); done
marks+=("$urls")
for ((round = 1; round <= rounds; round++)); do
  say "round $round of $rounds"
  "$ours" fill "$hosts" "${marks[@]}" >>"$work/samples" || die 1 "the frontier has failed"
done

awk -v json="$json" -v hosts="$hosts" "$awk_median"'
  function median(mark, what) { return median_of(mark SUBSEP what, count[mark]) }
  !($1 in count) { marks[++n] = $1 }
  { round = ++count[$1]; for (field = 2; field <= 6; field++) values[$1, field, round] = $field }
  END {
    if (json != "yes") {
      printf "\n%-12s %14s %14s %14s %12s %12s %12s\n", "known URLs", "new offer ns", "known offer ns", "start, end ns", \
        "offers/s", "heap MiB", "bytes/URL"
    }
    for (i = 1; i <= n; i++) {
      mark = marks[i]; new = median(mark, 2); known = median(mark, 3); start = median(mark, 4); heap = median(mark, 5)
      if (json == "yes") {
        printf "{\"bench\":\"frontier\",\"hosts\":%d,\"known_urls\":%d,\"new_offer_ns\":%.0f,\"known_offer_ns\":%.0f,", \
          hosts, mark, new, known
        printf "\"start_ns\":%.0f,\"heap_bytes\":%d,\"resident_bytes\":%d,\"bytes_per_url\":%.1f}\n", \
          start, heap, median(mark, 6), heap / mark
      } else {
        printf "%-12d %14.0f %14.0f %14.0f %12.0f %12.1f %12.1f\n", \
          mark, new, known, start, 1e9 / new, heap / 1048576, heap / mark
      }
    }
    if (json != "yes" && n > 1) {
      printf "%-12s %14.2f %14.2f %14.2f\n", "last / first", median(marks[n], 2) / median(marks[1], 2), \
        median(marks[n], 3) / median(marks[1], 3), median(marks[n], 4) / median(marks[1], 4)
      first = marks[1]; last = marks[n]
      printf "\nfrom the first mark to the last a known URL has taken %.1f bytes\n", \
        (median(last, 5) - median(first, 5)) / (last - first)
    }
  }' "$work/samples"
exit "$code"
