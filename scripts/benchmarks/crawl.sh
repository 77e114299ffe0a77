# The daemon's cost per page beside that of libcurl alone, and of libcurl and libxml2, over the same URLs, in one run. Sourced
# by scripts/bench.

usage() {
  cat <<'TEXT'
usage: scripts/bench crawl [--seeds FILE --hosts-file FILE] [--hosts N] [--pages N] [--filler BYTES] [--concurrency N]
                           [--max-pages N] [--rounds N] [--peers] [--syscalls] [--cpu-limit MS] [--ratio-limit N]
                           [--rss-limit MIB] [--quick] [--built DIR] [--json]

Crawls a site on loopback (delay 0, 8 fetches in flight per host) and measures the daemon: pages per second, CPU (user and
system) per page, peak memory. Beside it, over the URLs that the crawl found: libcurl alone, which throws the bodies away, and
libcurl with libxml2, whose push parser finds the attributes named href and does nothing with them. Without --seeds the site
is the test web's: 8 hosts of 1,250 pages with 8,000 bytes of text each, unless told otherwise. There, what does not drift is
compared with thresholds: rows, links, and bytes of database per page; with --quick allocations, their bytes, and jobs and
calls of the event loop per page as well.

  --seeds FILE       a site of your own: one URL per line, whose hosts are crawled
  --hosts-file FILE  where its hosts are, as in /etc/hosts
  --max-pages N      the crawl ends after so many pages, for sites without end
  --concurrency N    fetches in flight per host (8)
  --rounds N         how often each contender is measured; they take turns, and the median counts (1)
  --peers            Scrapy (from PyPI) and wget2 (Debian's) as well, where they can be had: in a directory that is removed
                     afterwards. Each crawls the site once, for 5 minutes at most. Scrapy's spider stores what the daemon
                     stores, wget2 nothing
  --syscalls         a crawl more, under strace, for the system calls per page
  --cpu-limit MS     of CPU per page of the daemon (0.4)
  --ratio-limit N    of that to the CPU of libcurl and libxml2 (none; 1 is the aim where pages are documentation)
  --rss-limit MIB    of its peak memory (120)
  --quick            only what does not drift, on 4 hosts of 250 pages; without peers
  --built DIR        takes the programs that stand there instead of building them
  --json             one JSON object per line

Exit code 1 when a limit is exceeded. CPU compares well between runs on one machine; wall time does not, since server, crawler
and everything else share the cores.
TEXT
}

seeds='' hosts_file='' hosts='' pages='' filler=8000 concurrency=8 max_pages='' rounds=1 peers=no syscalls=no quick=no built=''
cpu_limit=0.4 ratio_limit='' rss_limit=120 json=no
while (($#)); do
  case $1 in
    --json) json=yes && shift && continue ;;
    --peers) peers=yes && shift && continue ;;
    --syscalls) syscalls=yes && shift && continue ;;
    --quick) quick=yes && shift && continue ;;
    -h | --help) usage && exit 0 ;;
  esac
  [[ $# -ge 2 ]] || die 2 "$1 needs a value"
  case $1 in
    --seeds) seeds=$2 ;;
    --hosts-file) hosts_file=$2 ;;
    --hosts) hosts=$2 ;;
    --pages) pages=$2 ;;
    --filler) filler=$2 ;;
    --concurrency) concurrency=$2 ;;
    --max-pages) max_pages=$2 ;;
    --built) built=$2 ;;
    --rounds) rounds=$2 ;;
    --cpu-limit) cpu_limit=$2 ;;
    --ratio-limit) ratio_limit=$2 ;;
    --rss-limit) rss_limit=$2 ;;
    *) die 2 "unknown option $1" ;;
  esac
  shift 2
done
[[ -z $seeds || -n $hosts_file ]] || die 2 "--seeds needs --hosts-file, so that the daemon and libcurl find the hosts"
[[ $rounds =~ ^[1-9][0-9]*$ ]] || die 2 "--rounds needs a number of at least 1"
[[ -z $max_pages || $max_pages =~ ^[1-9][0-9]*$ ]] || die 2 "--max-pages needs a number of at least 1"
[[ $quick-$peers != yes-yes ]] || die 2 "--quick compares nothing with peers: leave out one of --quick and --peers"
if [[ $quick == yes ]]; then : "${hosts:=4}" "${pages:=250}"; else : "${hosts:=8}" "${pages:=1250}"; fi

is_test_web=no
[[ -n $seeds ]] || is_test_web=yes
# What a crawl of the test web's whole site leaves and takes, whatever the machine: rows exactly, bytes two hundredths above
# what they are (the order of the pages moves some), allocations a tenth. System calls and jobs come with the load: when much
# comes at once, one of them serves it.
declare -A limits=()
case $is_test_web-$hosts-$pages-$max_pages in
  yes-8-1250-) limits=([links]=9.81 [bytes]=912 [calls]=9) ;;
  yes-4-250-) limits=([links]=9.45 [bytes]=1120 [calls]=12 [allocations]=157 [taken]=118000 [jobs]=6) ;;
esac
if ((${#limits[@]})); then limits+=([pages]=$((hosts * pages)) [known]=$((hosts * (2 * pages + 1)))); fi

if [[ -n $built ]]; then
  build_directory=$built
else
  setup
  say "building"
  build_products crawld crawlctl testweb barecurl WorkCount
fi
ctl=$build_directory/crawlctl

work=$(mktemp -d)
daemon='' server=''
clear_away() {
  trap - EXIT
  [[ -z $daemon ]] || { kill "$daemon" 2>/dev/null && wait "$daemon" || true; }
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap clear_away EXIT
trap 'exit 130' INT TERM

if [[ $is_test_web == yes ]]; then
  seeds=$work/seeds hosts_file=$work/hosts
  exec {server_output}< <(exec "$build_directory/testweb" --hosts "$hosts" --pages "$pages" --filler "$filler" \
    --hosts-file "$hosts_file" --seeds-file "$seeds")
  server=$!
  read -r -t 60 -u "$server_output" word port || die 1 "the test web did not start"
  say "the test web serves $((hosts * pages)) pages on port $port ($word)"
fi
in_flight=$((concurrency * $(wc -l <"$seeds")))

# User and system time of a process in milliseconds (the second field may hold blanks; it ends with the last parenthesis).
cpu_of() {
  sed 's/^.*) //' "/proc/$1/stat" | awk -v ticks="$(getconf CLK_TCK)" '{ printf "%.0f", ($12 + $13) * 1000 / ticks }'
}
ask() { "$ctl" query --database "$work/data/crawl.db" --json --timeout 5m --limit 100000000 "$1"; }
field() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" <<<"$2"; }

# Counts the daemon's allocations: what counts stands between it and its library, and costs time.
counting=()
[[ $quick == no ]] || counting=(env "LD_PRELOAD=$build_directory/libWorkCount.so" "CRAWLD_TEST_WORK=$work/work")
# What was counted so far: allocations, their bytes, and by the daemon itself what its event loop has run.
work_so_far() { # SOCKET
  local status jobs
  status=$("$ctl" status --json --socket "$1") || die 1 "the daemon does not say how it is doing"
  jobs=$(field loop_jobs "$status")
  [[ -n $jobs ]] || die 1 "the daemon does not say what its event loop has run: is it of before?"
  echo "$(od -A n -t d8 -w16 "$work/work") $jobs"
}

# crawl [COMMAND...]: the site from the seeds to its end by a new daemon, which the command runs. Leaves the database, and in
# `row`, `cpu`, `rss` and, where it is counted, `allocations`, `taken` and `jobs` its figures.
crawl() {
  local socket=$work/control/crawld.sock cpu_before code=0 end=done
  rm -rf "$work/data"
  : >"$work/log"
  truncate -s 16 "$work/work"
  "$@" "${counting[@]}" "$build_directory/crawld" --data "$work/data" --socket "$socket" --hosts-file "$hosts_file" \
    --allow-network 127.0.0.0/8 2>>"$work/log" </dev/null &
  daemon=$!
  wait_for_daemon "$daemon" "$socket" "$work/log" || die 1 "the daemon did not start"
  [[ $quick == no ]] || read -r allocations taken jobs < <(work_so_far "$socket")
  cpu_before=$(cpu_of "$daemon")
  "$ctl" add --socket "$socket" --name bench --delay 0 --concurrency "$concurrency" ${max_pages:+--max-pages "$max_pages"} \
    --file "$seeds" >/dev/null
  [[ -z $max_pages ]] || end=paused
  "$ctl" wait bench --socket "$socket" --for "$end" --timeout 10m >/dev/null || code=$?
  ((code == 0)) || die 1 "the crawl ended with exit code $code: $(tail -n 3 "$work/log")"
  cpu=$(($(cpu_of "$daemon") - cpu_before))
  if [[ $quick == yes ]]; then
    set -- $(work_so_far "$socket")
    allocations=$(($1 - allocations)) taken=$(($2 - taken)) jobs=$(($3 - jobs))
    ((allocations > 0 && jobs > 0)) || die 1 "nothing was counted: is libWorkCount.so in $build_directory?"
  fi
  rss=$(awk '/^VmHWM:/ { print $2 }' "/proc/$daemon/status")
  "$ctl" shutdown --socket "$socket" >/dev/null
  wait "$daemon" || die 1 "the daemon did not end in order"
  daemon=''
  row=$(ask "SELECT (SELECT max(started_at + time_total) - min(started_at) FROM fetches) AS microseconds,
    (SELECT count(*) FROM fetches WHERE url_id IS NOT NULL) AS fetches, (SELECT count(*) FROM pages) AS pages,
    (SELECT count(*) FROM urls) AS known, (SELECT count(*) FROM links) AS links")
}

# One line per measurement: contender, pages, seconds, milliseconds of CPU, KiB at most.
sample() { printf '%s %s %s %s %s\n' "$@" >>"$work/samples"; }
sample_json() { sample "$1" "$(field answered "$2")" "$(field seconds "$2")" "$(field cpu_ms "$2")" "$(field rss_kib "$2")"; }

if [[ $quick == no ]]; then
  need_packages gcc libc6-dev libxml2-dev
  gcc -std=gnu11 -O2 -DPARSE_LIBXML2 -I/usr/include/libxml2 -o "$work/libxml2" "$root/Tests/barecurl/main.c" -lcurl -lxml2 \
    >"$work/compiler" 2>&1 || die 1 "the program with libxml2 does not compile: $(head -n 1 "$work/compiler")"
fi
[[ $syscalls == no ]] || need_packages strace
[[ $peers == no ]] || need_packages python3 python3-venv

for ((round = 1; round <= rounds; round++)); do
  say "round $round of $rounds: the crawl"
  crawl
  seconds=$(awk -v microseconds="$(field microseconds "$row")" 'BEGIN { print microseconds / 1e6 }')
  sample crawld "$(field fetches "$row")" "$seconds" "$cpu" "$rss"
  [[ $quick == no ]] || break
  ((round > 1)) || ask "SELECT url FROM urls WHERE state = 'done' ORDER BY id" | sed 's/.*"url":"\(.*\)".*/\1/' >"$work/list"
  bare=("--list" "$work/list" "--hosts-file" "$hosts_file" "--per-host" "$concurrency" "--in-flight" "$in_flight")
  say "the same $(wc -l <"$work/list") URLs with libcurl alone, and with libcurl and libxml2"
  sample_json libcurl "$("$build_directory/barecurl" "${bare[@]}")"
  parsed=$("$work/libxml2" "${bare[@]}" --parse libxml2)
  sample_json libcurl+libxml2 "$parsed"
  (($(field hrefs "$parsed") > 0)) || die 1 "libxml2 has found no link"
done

# What is judged, as the programs print their counts: a row of a table, or a JSON object.
awk_judged='
  function judged(name, value, limit, kept) {
    if (!kept) exceeded = 1
    if (json == "yes") {
      printf "{\"count\":\"%s\",\"value\":%s,\"limit\":%s,\"kept\":%s}\n", \
        name, value, limit == "" ? "null" : limit, kept ? "true" : "false"
    } else printf "%-34s%14s%14s   %s\n", name, value, limit, limit == "" ? "" : kept ? "kept" : "EXCEEDED"
  }
  function heading() { if (json != "yes") printf "%-34s%14s%14s\n", "count", "value", "limit" }'

# Counts of the last crawl: name, value, limit (which is exact after =), if there is one.
per_page() { awk -v value="$1" -v pages="$(field fetches "$row")" 'BEGIN { printf "%.2f", value / pages }'; }
{
  echo "pages $(field pages "$row") =${limits[pages]:-}"
  echo "known-urls $(field known "$row") =${limits[known]:-}"
  echo "links-per-page $(per_page "$(field links "$row")") =${limits[links]:-}"
  echo "database-bytes-per-page $(per_page "$(stat -c %s "$work/data/crawl.db")") ${limits[bytes]:-}"
  if [[ $quick == yes ]]; then
    echo "allocations-per-page $(per_page "$allocations") ${limits[allocations]:-}"
    echo "allocated-bytes-per-page $(per_page "$taken") ${limits[taken]:-}"
    echo "jobs-per-page $(per_page "$jobs") ${limits[jobs]:-}"
  fi
} >"$work/counts"

if [[ $syscalls == yes ]] && ! strace -o /dev/null true 2>/dev/null; then
  say "strace is not permitted here"
elif [[ $syscalls == yes ]]; then
  say "the crawl under strace"
  crawl strace -f -c -S calls -o "$work/strace"
  echo "system-calls-per-page $(per_page "$(awk '$NF == "total" { print $4 }' "$work/strace")") ${limits[calls]:-}" \
    >>"$work/counts"
  awk -v pages="$(field fetches "$row")" '$4 ~ /^[0-9]+$/ && $NF != "total" && $4 / pages >= 0.01 {
    printf "%s-calls-per-page %.2f\n", $NF, $4 / pages }' "$work/strace" >>"$work/counts"
fi

# peer NAME COMMAND...: its figures, or a line that says why there are none. The peer says last how many pages were answered.
measure_peer() {
  local name=$1 figures
  shift
  say "$name"
  figures=$(python3 - "$@" 2>"$work/peer" <<'PYTHON'
import json, resource, subprocess, sys, time

begin = time.monotonic()
process = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True)
end = time.monotonic()
if process.returncode:
    sys.exit(f"exit code {process.returncode}")
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
figures = {
    "answered": int(process.stdout.split()[-1]),
    "seconds": round(end - begin, 3),
    "cpu_ms": round((usage.ru_utime + usage.ru_stime) * 1000, 1),
    "rss_kib": usage.ru_maxrss,
}
print(json.dumps(figures, separators=(",", ":")))
PYTHON
  ) || { say "$name is left out: $(tail -n 1 "$work/peer")" && return 0; }
  sample_json "$name" "$figures"
}

peer_seconds=300
if [[ $peers == yes ]]; then
  if python3 -m venv "$work/python" >"$work/install" 2>&1 && timeout 300 "$work/python/bin/pip" install --quiet \
    --disable-pip-version-check --retries 1 --timeout 20 scrapy >>"$work/install" 2>&1; then
    measure_peer scrapy timeout "$((peer_seconds + 30))" "$work/python/bin/python" "$root/scripts/benchmarks/scrapy_peer.py" "$seeds" "$hosts_file" \
      "$concurrency" "$in_flight" "${max_pages:-0}" "$peer_seconds" "$work/scrapy.db"
  else
    say "scrapy is left out: $(tail -n 1 "$work/install")"
  fi
  mkdir -p "$work/debs/partial" "$work/wget2"
  wget2=(env "LD_LIBRARY_PATH=$work/wget2/usr/lib:$work/wget2/usr/lib/$(uname -m)-linux-gnu" "PATH=$work/wget2/usr/bin:$PATH")
  # In a shell of its own, which may end where root can't be had.
  if (as_root apt-get -o Dir::Cache::archives="$work/debs" -y --no-install-recommends --download-only --reinstall install \
    wget2) >"$work/install" 2>&1 && for package in "$work"/debs/*.deb; do dpkg -x "$package" "$work/wget2"; done &&
    "${wget2[@]}" wget2 --version >>"$work/install" 2>&1; then
    # It has no option for a hosts file of its own: the file stands in for /etc/hosts, for this process alone.
    measure_peer wget2 "${wget2[@]}" unshare --mount sh -c '
      mount --bind "$1" /etc/hosts && cd "$2" && shift 2 || exit
      timeout '"$peer_seconds"' wget2 "$@" >log 2>&1
      grep -c "^HTTP response" log' sh "$hosts_file" "$work/wget2" --no-config --recursive --level=inf --tries=1 \
      --max-threads="$((in_flight < 64 ? in_flight : 64))" --delete-after --input-file="$seeds"
  else
    say "wget2 is left out: $(tail -n 1 "$work/install")"
  fi
fi

code=0
awk -v json="$json" "$awk_judged"'
  BEGIN { heading() }
  {
    exact = sub(/^=/, "", $3)
    judged($1, $2, $3, $3 == "" || (exact ? $2 + 0 == $3 + 0 : $2 + 0 <= $3 + 0))
  }
  END { exit exceeded }' "$work/counts" || code=1
[[ $quick == no ]] || exit "$code"

awk -v json="$json" -v cpu_limit="$cpu_limit" -v ratio_limit="$ratio_limit" -v rss_limit="$rss_limit" "$awk_median$awk_judged"'
  function median(name, what) { return median_of(name SUBSEP what, count[name]) }
  function judged_median(name, value, limit) {
    judged(name, sprintf("%.4f", value), limit, limit == "" || value <= limit + 0)
  }
  $2 == 0 { print $1 " has fetched nothing" > "/dev/stderr"; failed = 1; exit 1 }
  !($1 in count) { names[++contenders] = $1 }
  {
    round = ++count[$1]; pages[$1] = $2
    values[$1, "rate", round] = $2 / $3; values[$1, "cpu", round] = $4 / $2; values[$1, "rss", round] = $5 / 1024
  }
  END {
    if (failed) exit 1
    bound = median("libcurl+libxml2", "cpu")
    if (json != "yes") {
      printf "\n%-16s %9s %9s %12s %10s %20s\n", \
        "", "pages", "pages/s", "CPU ms/page", "peak MiB", "of libcurl + libxml2"
    }
    for (i = 1; i <= contenders; i++) {
      name = names[i]; cpu = median(name, "cpu"); rate = median(name, "rate"); rss = median(name, "rss")
      if (json == "yes") {
        printf "{\"bench\":\"crawl\",\"contender\":\"%s\",\"pages\":%d,\"pages_per_second\":%.0f,", name, pages[name], rate
        printf "\"cpu_ms_per_page\":%.4f,", cpu
        printf "\"rss_mib\":%.1f,\"of_libcurl_libxml2\":%.3f}\n", rss, cpu / bound
      } else printf "%-16s %9d %9.0f %12.4f %10.1f %20.2f\n", name, pages[name], rate, cpu, rss, cpu / bound
    }
    if (json != "yes") print ""
    heading()
    judged_median("cpu-ms-per-page", median("crawld", "cpu"), cpu_limit)
    judged_median("cpu-of-libcurl-libxml2", median("crawld", "cpu") / bound, ratio_limit)
    judged_median("peak-mib", median("crawld", "rss"), rss_limit)
    exit exceeded
  }' "$work/samples" || code=1
exit "$code"
