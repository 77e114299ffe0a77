# The daemon's cost where fetches are many and slow, and where every host is new, beside libcurl alone. Sourced by
# scripts/bench.

usage() {
  cat <<'TEXT'
usage: scripts/bench scale [--in-flight N] [--hosts N] [--rss-limit MIB] [--json]

1. N fetches at once (default: 10000, or what the limit of open files allows) that a server on loopback holds until all of
   them are there, then answers: the daemon's memory meanwhile, and its CPU per fetch.
2. N hosts (default 20000) of one page each, 1000 in flight: the CPU per fetch of the daemon and of libcurl alone
   (`barecurl`), a robots.txt and a page of each host over one connection.
CPU is user and system time; with --json there is one JSON object per line. Exit code 1 when the memory of 1 exceeds the limit
(60 MiB and 20 for each 1000, unless told otherwise), or a host of 2 was connected to twice.
TEXT
}

in_flight='' hosts=20000 rss_limit='' json=no
while (($#)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --json) json=yes && shift && continue ;;
  esac
  [[ $# -ge 2 && $2 =~ ^[0-9]+$ ]] || die 2 "$1 needs a number"
  case $1 in
    --in-flight) in_flight=$2 ;;
    --hosts) hosts=$2 ;;
    --rss-limit) rss_limit=$2 ;;
    *) die 2 "unknown option $1" ;;
  esac
  shift 2
done
((hosts > 0 && hosts <= 30000)) || die 2 "--hosts takes 1 to 30000: what one request of crawlctl add holds"

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

# start_server HOSTS: a test web of so many hosts of one page.
start_server() {
  exec {server_output}< <(exec "$build_directory/testweb" --hosts "$1" --pages 1 --addresses 200 --filler 2000 \
    --hosts-file "$work/hosts" --seeds-file "$work/seeds")
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
  rm -rf "$work/data"
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
for ((tries = 0; ; tries++)); do
  requests=$(counted requests)
  ((${requests:-0} >= in_flight)) && break
  ((tries < 200)) || die 1 "only ${requests:-0} requests reached the server"
done
resident=$(memory VmRSS)
door release >/dev/null
"$ctl" wait slow --for done --timeout 5m >/dev/null || die 1 "not every fetch was answered"
used=$(($(cpu) - before)) peak=$(memory VmHWM)
stop_daemon
stop_server
((peak <= rss_limit)) || failed=yes
awk -v json="$json" -v fetches="$in_flight" -v resident="$resident" -v peak="$peak" -v limit="$rss_limit" -v used="$used" 'BEGIN {
    if (json == "yes") {
      printf "{\"bench\":\"scale\",\"in_flight\":%d,\"rss_mib\":%d,\"peak_mib\":%d,", fetches, resident, peak
      printf "\"limit\":%d,\"kept\":%s,\"cpu_ms_per_fetch\":%.3f}\n", limit, peak <= limit ? "true" : "false", used / fetches
    } else {
      printf "%d fetches in flight: %d MiB resident, %d MiB at most (limit %d), %.3f ms of CPU per fetch\n", \
        fetches, resident, peak, limit, used / fetches
    }
  }'

say "$hosts new hosts"
start_server "$hosts"
start_daemon
before=$(cpu)
"$ctl" add --name hosts --delay 0 --max-in-flight 1000 --file "$work/seeds" >/dev/null
"$ctl" wait hosts --for done --timeout 10m >/dev/null || die 1 "not every host was crawled"
used=$(($(cpu) - before)) peak=$(memory VmHWM)
connections=$(counted connections)
stop_daemon
bare=$("$build_directory/barecurl" --list "$work/seeds" --hosts-file "$work/hosts" --per-host 1 --in-flight 1000 --new-hosts 1)
stop_server
# The questions of this script are connections as well.
((connections <= hosts + 50)) || failed=yes
awk -v json="$json" -v hosts="$hosts" -v used="$used" -v peak="$peak" -v connections="$connections" \
  -v bare="$(sed -n 's/.*"cpu_ms":\([0-9.]*\).*/\1/p' <<<"$bare")" 'BEGIN {
    if (json == "yes") {
      printf "{\"bench\":\"scale\",\"new_hosts\":%d,\"peak_mib\":%d,\"connections\":%d,", hosts, peak, connections
      printf "\"cpu_ms_per_fetch\":%.4f,\"libcurl_cpu_ms_per_fetch\":%.4f,\"of_libcurl\":%.3f}\n", \
        used / hosts / 2, bare / hosts / 2, used / bare
      exit
    }
    printf "%d new hosts, robots.txt and page: crawld %.3f ms of CPU per fetch (%d MiB, %d connections), ", \
      hosts, used / hosts / 2, peak, connections
    printf "libcurl alone %.3f, ratio %.2f\n", bare / hosts / 2, used / bare
  }'
[[ $failed == no ]] || die 1 "a limit is exceeded"
