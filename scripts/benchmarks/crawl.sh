# The daemon's cost per page beside that of libcurl alone over the same URLs, in one run. Sourced by scripts/bench.

usage() {
  cat <<'TEXT'
usage: scripts/bench crawl [--seeds FILE --hosts-file FILE] [--hosts N] [--pages N] [--filler BYTES]
                           [--concurrency N] [--cpu-limit MS] [--rss-limit MIB] [--json]

Crawls a site on loopback (delay 0, 8 fetches in flight per host) and measures the daemon: pages per second, CPU (user and
system) per page, peak memory. Then libcurl alone (`barecurl`) fetches the URLs that the crawl found. Without --seeds the
site is the test web's: 8 hosts of 1,250 pages with 8,000 bytes of text each, unless told otherwise.
Exit code 1 when a limit is exceeded (0.4 ms of CPU per page and 120 MiB, unless told otherwise). CPU compares well between
runs on one machine; wall time does not, since server, crawler and everything else share the cores.
TEXT
}

seeds='' hosts_file='' hosts=8 pages=1250 filler=8000 concurrency=8 cpu_limit=0.4 rss_limit=120 json=no
while (($#)); do
  case $1 in
    --json) json=yes && shift && continue ;;
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
    --cpu-limit) cpu_limit=$2 ;;
    --rss-limit) rss_limit=$2 ;;
    *) die 2 "unknown option $1" ;;
  esac
  shift 2
done
[[ -z $seeds || -n $hosts_file ]] || die 2 "--seeds needs --hosts-file, so that the daemon and libcurl find the hosts"

setup
say "building"
build_products crawld crawlctl testweb barecurl
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

if [[ -z $seeds ]]; then
  seeds=$work/seeds hosts_file=$work/hosts
  exec {server_output}< <(exec "$build_directory/testweb" --hosts "$hosts" --pages "$pages" --filler "$filler" \
    --hosts-file "$hosts_file" --seeds-file "$seeds")
  server=$!
  read -r -t 60 -u "$server_output" word port || die 1 "the test web did not start"
  say "the test web serves $((hosts * pages)) pages on port $port ($word)"
fi

: >"$work/log"
"$build_directory/crawld" --data "$work/data" --socket "$work/control/crawld.sock" --hosts-file "$hosts_file" \
  --allow-network 127.0.0.0/8 2>>"$work/log" </dev/null &
daemon=$!
socket=$work/control/crawld.sock
wait_for_daemon "$daemon" "$socket" "$work/log" || die 1 "the daemon did not start"

# User and system time of a process in milliseconds (the second field may hold blanks; it ends with the last parenthesis).
cpu_of() {
  sed 's/^.*) //' "/proc/$1/stat" | awk -v ticks="$(getconf CLK_TCK)" '{ printf "%.0f", ($12 + $13) * 1000 / ticks }'
}
ask() { "$ctl" query --database "$work/data/crawl.db" --json --timeout 5m --limit 100000000 "$1"; }
field() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" <<<"$2"; }

say "crawling"
cpu_before=$(cpu_of "$daemon")
"$ctl" add --socket "$socket" --name bench --delay 0 --concurrency "$concurrency" --file "$seeds" >/dev/null
code=0
"$ctl" wait bench --socket "$socket" --for done >/dev/null || code=$?
((code == 0)) || die 1 "the crawl ended with exit code $code: $(tail -n 3 "$work/log")"
cpu=$(($(cpu_of "$daemon") - cpu_before))
rss=$(awk '/^VmHWM:/ { print $2 }' "/proc/$daemon/status")
"$ctl" shutdown --socket "$socket" >/dev/null
wait "$daemon" || die 1 "the daemon did not end in order"
daemon=''

row=$(ask "SELECT finished_at - started_at AS microseconds,
  (SELECT count(*) FROM fetches WHERE url_id IS NOT NULL) AS fetches,
  (SELECT count(*) FROM urls) AS known, (SELECT count(*) FROM links) AS links FROM tasks")
fetches=$(field fetches "$row")
ask "SELECT url FROM urls WHERE state = 'done' ORDER BY id" | sed 's/.*"url":"\(.*\)".*/\1/' >"$work/list"

say "the same $(wc -l <"$work/list") URLs with libcurl alone"
bare=$("$build_directory/barecurl" --list "$work/list" --hosts-file "$hosts_file" --per-host "$concurrency" \
  --in-flight $((concurrency * $(wc -l <"$seeds"))))

awk -v json="$json" -v fetches="$fetches" -v known="$(field known "$row")" -v links="$(field links "$row")" \
  -v microseconds="$(field microseconds "$row")" -v cpu="$cpu" -v rss="$rss" -v answered="$(field answered "$bare")" \
  -v bare_seconds="$(field seconds "$bare")" -v bare_cpu="$(field cpu_ms "$bare")" -v bare_rss="$(field rss_kib "$bare")" \
  -v cpu_limit="$cpu_limit" -v rss_limit="$rss_limit" '
  BEGIN {
    if (fetches == 0 || answered == 0) { print "nothing was fetched" > "/dev/stderr"; exit 1 }
    seconds = microseconds / 1e6; each = cpu / fetches; bare_each = bare_cpu / answered
    over = each > cpu_limit || rss / 1024 > rss_limit
    if (json == "yes") {
      printf "{\"bench\":\"crawl\",\"pages\":%d,\"known_urls\":%d,\"links\":%d,", fetches, known, links
      printf "\"crawld\":{\"seconds\":%.3f,\"pages_per_second\":%.0f,\"cpu_ms_per_page\":%.4f,\"rss_kib\":%d},", \
        seconds, fetches / seconds, each, rss
      printf "\"barecurl\":{\"seconds\":%.3f,\"pages_per_second\":%.0f,\"cpu_ms_per_page\":%.4f,\"rss_kib\":%d},", \
        bare_seconds, answered / bare_seconds, bare_each, bare_rss
      printf "\"cpu_ratio\":%.2f,\"cpu_limit_ms\":%s,\"rss_limit_mib\":%s,\"within_limits\":%s}\n", \
        each / bare_each, cpu_limit, rss_limit, over ? "false" : "true"
    } else {
      printf "%d pages, %d URLs known, %d links stored\n\n", fetches, known, links
      printf "%-10s %9s %12s %10s\n", "", "pages/s", "CPU ms/page", "peak MiB"
      printf "%-10s %9.0f %12.4f %10.1f\n", "crawld", fetches / seconds, each, rss / 1024
      printf "%-10s %9.0f %12.4f %10.1f\n", "barecurl", answered / bare_seconds, bare_each, bare_rss / 1024
      printf "%-10s %9.2f %12.2f %10.2f\n", "ratio", (fetches / seconds) / (answered / bare_seconds), each / bare_each, rss / bare_rss
      printf "%-10s %9s %12s %10s   %s\n", "limit", "", cpu_limit, rss_limit, over ? "EXCEEDED" : "kept"
    }
    exit over ? 1 : 0
  }'
