# The reading of pages: charset, tokens, tree construction, facts, links, joined URLs and their identities, beside libxml2
# and gumbo on the same files in one run. Sourced by scripts/bench.

usage() {
  cat <<'TEXT'
usage: scripts/bench parse [--files DIR] [--rounds N] [--instructions] [--assert-goal] [--json]

Counts what does not drift (allocations of a page and of its links, on pages that the benchmark makes) against thresholds.
With --files, the HTML files below a directory are read as the crawler reads a page that it has fetched, and parsed by
libxml2 (events, no tree) and gumbo (a tree), which only look for the attributes named href. Every contender has all files in
memory and has read each of them once before the clock starts; they take turns, and the median of all rounds counts.

  --files DIR      HTML files (*.html, *.htm, *.xhtml); their paths below DIR become their URLs
  --rounds N       how often each contender is measured (3)
  --instructions   count the instructions of the sample page as well, by valgrind
  --assert-goal    a goal that is missed counts for the exit code
  --json           one JSON object per line

Exit code 1 when a threshold is exceeded, or when crawld and gumbo do not find the same links (up to 1 %). Times drift with the machine and
count only with --assert-goal.
TEXT
}

files='' rounds=3 instructions=no assert_goal=no json=no
while (($#)); do
  case $1 in
    --instructions) instructions=yes ;;
    --assert-goal) assert_goal=yes ;;
    --json) json=yes ;;
    -h | --help) usage && exit 0 ;;
    --files | --rounds)
      [[ $# -ge 2 ]] || die 2 "$1 needs a value"
      if [[ $1 == --files ]]; then files=$2; else rounds=$2; fi
      shift
      ;;
    *) die 2 "unknown option $1" ;;
  esac
  shift
done
[[ $rounds =~ ^[1-9][0-9]*$ ]] || die 2 "--rounds needs a number of at least 1"
[[ -z $files || -d $files ]] || die 2 "$files is no directory"

# Microseconds of CPU per page. It was set for pages of 24.7 kB with 79 links.
goal=60

setup
say "building"
build_products parsebench
ours=$build_directory/parsebench

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
  strip -g -o "$work/parsebench" "$ours"
  # The difference of many readings and few is free of the program's start.
  for times in 10 110; do
    valgrind --tool=callgrind --callgrind-out-file="$work/callgrind.$times" "$work/parsebench" repeat "$times" \
      >/dev/null 2>"$work/valgrind" || die 1 "valgrind has failed: $(tail -n 1 "$work/valgrind")"
  done
  each=$(sed -n 's/^\(summary\|totals\): //p' "$work"/callgrind.{10,110} |
    awk '{ total[NR] = $1 } END { print (total[NR] - total[1]) / 100 }')
  "$ours" judge page-instructions "$each" "${as_json[@]}" || code=1
fi
[[ -n $files ]] || exit "$code"

need_packages gcc libc6-dev libxml2-dev libgumbo-dev
peer=$work/parsepeer
count_directory=$root/Tests/CAllocationCount
gcc -std=gnu11 -O2 -D'__has_feature(feature)=0' -I"$count_directory/include" -I/usr/include/libxml2 -o "$peer" \
  "$root/Tests/parse-peer/main.c" "$count_directory/CAllocationCount.c" -lxml2 -lgumbo >"$work/compiler" 2>&1 ||
  die 1 "the peer does not compile: $(head -n 1 "$work/compiler")"

(cd "$files" && find -L . -type f \( -name '*.html' -o -name '*.htm' -o -name '*.xhtml' \) -size +0 -printf '%P\n') |
  LC_ALL=C sort >"$work/list"
[[ -s $work/list ]] || die 2 "there are no HTML files below $files"

# One line per measurement: contender, pages, bytes, hrefs, nanoseconds, those of the reader alone (ours), allocations.
for ((round = 1; round <= rounds; round++)); do
  say "round $round of $rounds"
  figures=$("$ours" time "$work/list" "$files") || die 1 "the reading has failed"
  printf 'crawld %s\n' "$figures" >>"$work/samples"
  for contender in libxml2 gumbo; do
    figures=$("$peer" "$contender" "$work/list" "$files") || die 1 "$contender has failed"
    awk -v contender="$contender" '{ print contender, $1, $2, $3, $4, $4, $5 }' <<<"$figures" >>"$work/samples"
  done
done

awk -v json="$json" -v goal="$goal" -v assert_goal="$assert_goal" "$awk_median"'
  function median(name) { return median_of(name, count[name]) }
  function row(name, title, time, ratio, word) {
    if (json == "yes") {
      printf "{\"bench\":\"parse\",\"contender\":\"%s\",\"cpu_us_per_page\":%.2f,\"mb_per_second\":%.1f,", name, time, bytes / time
      printf "\"of_libxml2\":%.3f", ratio
      if (name in hrefs) printf ",\"allocations_per_page\":%.1f,\"hrefs\":%d", allocations[name], hrefs[name]
      if (word) printf ",\"goal_us\":%s,\"kept\":%s", goal, word == "kept" ? "true" : "false"
      print "}"
      return
    }
    printf "%-22s %9.1f %8.0f %12s %9s %11.2f   %s\n", title, time, bytes / time, \
      name in hrefs ? sprintf("%.1f", allocations[name]) : "", name in hrefs ? hrefs[name] : "", ratio, word ? sprintf("<= %s us %s", goal, word) : ""
  }
  {
    pages = $2; bytes = $3 / $2; hrefs[$1] = $4; allocations[$1] = $7 / pages
    values[$1, ++count[$1]] = $5 / $2 / 1000
    if ($1 == "crawld") values["crawld-reader", ++count["crawld-reader"]] = $6 / $2 / 1000
  }
  END {
    ours = median("crawld"); reader = median("crawld-reader"); libxml2 = median("libxml2"); gumbo = median("gumbo")
    word = ours <= goal ? "kept" : "MISSED"
    if (json != "yes") {
      printf "\n%d pages, %.1f kB and %.1f hrefs each\n\n", pages, bytes / 1000, hrefs["crawld"] / pages
      printf "%-22s %9s %8s %12s %9s %11s   %s\n", "", "us/page", "MB/s", "allocations", "hrefs", "of libxml2", "goal"
    }
    row("crawld", "crawld", ours, ours / libxml2, word)
    row("crawld-reader", "  without identities", reader, reader / libxml2)
    row("libxml2", "libxml2", libxml2, 1)
    row("gumbo", "gumbo", gumbo, gumbo / libxml2)
    difference = hrefs["crawld"] - hrefs["gumbo"]
    if (difference * difference > (0.01 * hrefs["gumbo"]) ^ 2) {
      printf "crawld and gumbo do not find the same hrefs\n" > "/dev/stderr"
      exit 1
    }
    exit assert_goal == "yes" && word != "kept"
  }' "$work/samples" || code=1
exit "$code"
