# The daemon's cost where fetches are many and slow, and where every host is new, beside libcurl alone; and its start where
# much is known. Sourced by scripts/bench.

usage() {
  cat <<'TEXT'
usage: scripts/bench scale [--in-flight N] [--hosts N] [--known N] [--rss-limit MIB] [--ratio-limit N] [--json]

1. N fetches at once (default: 10000, or what the limit of open files allows) that a server on loopback holds until all of
   them are there, then answers: the memory and the CPU per fetch of the daemon, and of libcurl alone (`barecurl`).
2. N hosts (default 20000, at most 100000) of one page each, 1000 in flight: the CPU per fetch of the daemon and of libcurl
   alone, a robots.txt and a page of each host over one connection; and that of the daemon for the first tenth of the hosts
   and for the last.
3. A start with N known URLs (default 1000000) of a crawl that goes on: seconds from the start of the process to its first
   fetch, memory when all of them are in it, bytes of the database for each of them, links, pages and fetches apart.
CPU is user and system time; with --json there is one JSON object per line. Exit code 1 when the memory of 1 exceeds the limit
(60 MiB and 20 for each 1000, unless told otherwise), a host of 2 was connected to twice, its ratio to libcurl is above
--ratio-limit (none; 1.3 is the aim), or a known URL of 3 takes more than 150 bytes.
TEXT
}

in_flight='' hosts=20000 known=1000000 rss_limit='' ratio_limit='' json=no
while (($#)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --json) json=yes && shift && continue ;;
  esac
  [[ $# -ge 2 && $2 =~ ^[0-9]+([.][0-9]+)?$ ]] || die 2 "$1 needs a number"
  [[ $1 == --ratio-limit || $2 != *.* ]] || die 2 "$1 needs a whole number"
  case $1 in
    --in-flight) in_flight=$2 ;;
    --hosts) hosts=$2 ;;
    --known) known=$2 ;;
    --rss-limit) rss_limit=$2 ;;
    --ratio-limit) ratio_limit=$2 ;;
    *) die 2 "unknown option $1" ;;
  esac
  shift 2
done
((hosts >= 10 && hosts <= 100000)) || die 2 "--hosts takes 10 to 100000"
((known >= 1000 && known <= 20000000)) || die 2 "--known takes 1000 to 20000000"

ulimit -n "$(ulimit -Hn)"
# The server and the daemon need a descriptor each per fetch, and some more; 100 hosts have the same number.
most=$((($(ulimit -n) - 500) / 100 * 100))
((most > 10000)) && most=10000
: "${in_flight:=$most}"
((in_flight >= 100 && in_flight <= most)) || die 2 "--in-flight takes 100 to $most here (ulimit -n is $(ulimit -n))"
per_host=$((in_flight / 100)) in_flight=$((in_flight / 100 * 100))
: "${rss_limit:=$((60 + in_flight / 50))}"

setup
say "building"
need_packages sqlite3
build_products crawld crawlctl testweb barecurl storebench
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

# start_server HOSTS [OPTIONS]: a test web of so many hosts of one page.
start_server() {
  exec {server_output}< <(exec "$build_directory/testweb" --hosts "$1" --pages 1 --addresses 200 --filler 2000 \
    --hosts-file "$work/hosts" --seeds-file "$work/seeds" "${@:2}")
  server=$!
  read -r -t 60 -u "$server_output" word port || die 1 "the test web did not start"
}

stop_server() {
  kill "$server" 2>/dev/null || true
  # Its last line has the figures of every host: more than a pipe holds.
  cat <&"$server_output" >/dev/null
  wait "$server" 2>/dev/null || true
  server=''
}

start_daemon() {
  : >"$work/log"
  "$build_directory/crawld" --data "$work/data" --socket "$work/control/crawld.sock" --hosts-file "$work/hosts" \
    --allow-network 127.0.0.0/8 2>>"$work/log" </dev/null &
  daemon=$!
  export CRAWLD_SOCKET=$work/control/crawld.sock
  wait_for_daemon "$daemon" "$CRAWLD_SOCKET" "$work/log" || die 1 "the daemon did not start"
}

stop_daemon() {
  "$ctl" shutdown >/dev/null
  wait "$daemon" || die 1 "the daemon did not end in order"
  daemon=''
  rm -rf "$work/data"
}

# User and system time of the daemon in milliseconds, and a field of its status in MiB.
cpu() { sed 's/^.*) //' "/proc/$daemon/stat" | awk -v ticks="$(getconf CLK_TCK)" '{ printf "%.0f", ($12 + $13) * 1000 / ticks }'; }
memory() { awk -v name="$1:" '$1 == name { printf "%.0f", $2 / 1024 }' "/proc/$daemon/status"; }
door() { exec 3<>"/dev/tcp/127.0.9.1/$port" && printf 'GET /_%s HTTP/1.0\r\nHost: h0.test\r\n\r\n' "$1" >&3 && cat <&3; exec 3>&-; }

# One of the server's own totals.
counted() { door stats | sed -n "s/^{\(\"[a-z_]*\":[0-9]*,\)*\"$1\":\([0-9]*\),.*/\2/p"; }

failed=no
say "$in_flight fetches that wait for their answers"
start_server 100
for ((host = 0; host < 100; host++)); do
  for ((number = 0; number < per_host; number++)); do echo "http://h$host.test:$port/fault/slow-first-byte/$number"; done
done >"$work/list"
start_daemon
before=$(cpu)
"$ctl" add --name slow --delay 0 --concurrency "$per_host" --robots ignore --file "$work/list" >/dev/null
# Waits until so many requests have reached the server.
wait_for_requests() {
  local tries requests
  for ((tries = 0; ; tries++)); do
    requests=$(counted requests)
    ((${requests:-0} >= $1)) && return
    ((tries < 6000)) || die 1 "only ${requests:-0} of $1 requests reached the server"
    sleep 0.1
  done
}
wait_for_requests "$in_flight"
resident=$(memory VmRSS)
door release >/dev/null
"$ctl" wait slow --for done --timeout 5m >/dev/null || die 1 "not every fetch was answered"
used=$(($(cpu) - before)) peak=$(memory VmHWM)
stop_daemon
"$build_directory/barecurl" --list "$work/list" --hosts-file "$work/hosts" --per-host "$per_host" --in-flight "$in_flight" \
  >"$work/bare" &
bare=$!
wait_for_requests $((2 * in_flight))
door release >/dev/null
wait "$bare" || die 1 "libcurl alone did not get every answer"
stop_server
# A number of what libcurl alone has said of itself.
of_bare() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" "$work/bare"; }
((peak <= rss_limit)) || failed=yes
awk -v json="$json" -v fetches="$in_flight" -v resident="$resident" -v peak="$peak" -v limit="$rss_limit" -v used="$used" \
  -v bare_cpu="$(of_bare cpu_ms)" -v bare_kib="$(of_bare rss_kib)" 'BEGIN {
    if (json == "yes") {
      printf "{\"bench\":\"scale\",\"in_flight\":%d,\"rss_mib\":%d,\"peak_mib\":%d,", fetches, resident, peak
      printf "\"limit\":%d,\"kept\":%s,\"cpu_ms_per_fetch\":%.3f,", limit, peak <= limit ? "true" : "false", used / fetches
      printf "\"libcurl_peak_mib\":%d,\"libcurl_cpu_ms_per_fetch\":%.3f}\n", bare_kib / 1024, bare_cpu / fetches
      exit
    }
    printf "%d fetches in flight: %d MiB resident, %d MiB at most (limit %d), %.3f ms of CPU per fetch; ", \
      fetches, resident, peak, limit, used / fetches
    printf "libcurl alone %d MiB, %.3f ms\n", bare_kib / 1024, bare_cpu / fetches
  }'

say "$hosts new hosts"
start_server "$hosts"
start_daemon
before=$(cpu)
"$ctl" add --name hosts --delay 0 --max-in-flight 1000 --file "$work/seeds" >/dev/null
# Fetches and CPU (ms) at the beginning, after a tenth and nine tenths of the hosts, and at the end.
marks=()
for mark in 0 $((hosts / 5)) $((hosts * 9 / 5)) $((hosts * 2)); do
  for ((tries = 0; ; tries++)); do
    fetches=$("$ctl" ls --json | sed 's/.*"fetches":\([0-9]*\).*/\1/')
    ((fetches < mark)) || break
    ((tries < 6000)) || die 1 "not every host was crawled"
    sleep 0.1
  done
  marks+=("$fetches $(cpu)")
done
"$ctl" wait hosts --for done --timeout 1m >/dev/null || die 1 "not every host was crawled"
used=$(($(cpu) - before)) peak=$(memory VmHWM)
connections=$(counted connections)
stop_daemon
"$build_directory/barecurl" --list "$work/seeds" --hosts-file "$work/hosts" --per-host 1 --in-flight 1000 --new-hosts 1 \
  >"$work/bare"
stop_server
# This script's own are among them.
((connections <= hosts + 50)) || failed=yes
ratio=$(awk -v used="$used" -v bare="$(of_bare cpu_ms)" 'BEGIN { printf "%.3f", used / bare }')
awk -v ratio="$ratio" -v limit="$ratio_limit" 'BEGIN { exit limit != "" && ratio > limit }' || failed=yes
awk -v json="$json" -v hosts="$hosts" -v used="$used" -v peak="$peak" -v connections="$connections" -v ratio="$ratio" \
  -v bare="$(of_bare cpu_ms)" -v marks="${marks[*]}" 'BEGIN {
    split(marks, at, " ")
    first = at[3] > at[1] ? (at[4] - at[2]) / (at[3] - at[1]) : 0
    last = at[7] > at[5] ? (at[8] - at[6]) / (at[7] - at[5]) : 0
    if (json == "yes") {
      printf "{\"bench\":\"scale\",\"new_hosts\":%d,\"peak_mib\":%d,\"connections\":%d,", hosts, peak, connections
      printf "\"cpu_ms_per_fetch\":%.4f,\"first_tenth\":%.4f,\"last_tenth\":%.4f,", used / hosts / 2, first, last
      printf "\"libcurl_cpu_ms_per_fetch\":%.4f,\"of_libcurl\":%.3f}\n", bare / hosts / 2, ratio
      exit
    }
    printf "%d new hosts, robots.txt and page: crawld %.3f ms of CPU per fetch (%d MiB, %d connections; ", \
      hosts, used / hosts / 2, peak, connections
    printf "%.3f for the first tenth, %.3f for the last), libcurl alone %.3f, ratio %.2f\n", first, last, bare / hosts / 2, ratio
  }'

say "a start with $known known URLs"
start_server 1
mkdir -m 700 "$work/data"
"$build_directory/storebench" write $((known / 9)) "$work/data/crawl.db" "$port" >"$work/written"
known=$(awk '{ print $2 }' "$work/written")
for ((host = 1; host <= 100; host++)); do echo "127.0.9.1 s$host.bench.test"; done >>"$work/hosts"
began=$(date +%s%6N)
start_daemon
rows="FROM fetches WHERE started_at >= $began"
# What a URL leads to counts once all known URLs are in memory, and only then has its row.
for ((tries = 0; ; tries++)); do
  fetched=$(sqlite3 -readonly "$work/data/crawl.db" "SELECT count(*) $rows AND url_id IS NOT NULL")
  ((fetched == 0)) || break
  ((tries < 600)) || die 1 "the crawl did not go on"
  sleep 0.1
done
loaded=$(memory VmRSS)
first=$(sqlite3 -readonly "$work/data/crawl.db" "SELECT min(started_at) $rows")
stop_daemon
stop_server
awk -v json="$json" -v known="$known" -v began="$began" -v first="$first" -v loaded="$loaded" \
  -v bytes="$(awk '{ print $11 }' "$work/written")" 'BEGIN {
    if (json == "yes") {
      printf "{\"bench\":\"scale\",\"known_urls\":%d,\"first_fetch_s\":%.3f,\"rss_mib\":%d,", known, (first - began) / 1e6, loaded
      printf "\"bytes_per_known_url\":%.1f}\n", bytes / known
    } else {
      printf "%d known URLs: the first fetch %.2f s after the start, %d MiB when all are in memory, %.1f bytes each\n", \
        known, (first - began) / 1e6, loaded, bytes / known
    }
    exit bytes / known > 150
  }' || failed=yes
[[ $failed == no ]] || die 1 "a limit is exceeded"
