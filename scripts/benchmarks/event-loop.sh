# The event loop beside asyncio on uvloop and a bare epoll program that do the same work, in one run. Sourced by
# scripts/bench.

usage() {
  cat <<'TEXT'
usage: scripts/bench event-loop [--rounds N] [--quick] [--only NAME] [--assert-ratios] [--json]

Counts what does not drift (jobs, allocations and system calls per operation, bytes per coroutine) against the thresholds of
Tests/event-loop-bench/Thresholds.swift, then compares times with asyncio on uvloop (Python, installed into a directory that
is removed afterwards) and, for the echo, with a bare C program on epoll. Each contender has a process of its own; they take
turns, and the median of all rounds counts. One C program drives every echo server, and only the server's CPU counts.

  --rounds N       how often each contender is measured (3)
  --quick          counts only, without peers and without strace
  --only NAME      spawn, park, timer-cancelled, timer-fired, pool-alone, pool-64, child, echo or memory
  --assert-ratios  a goal that is missed counts for the exit code, and so does a peer that is missing
  --json           one JSON object per line

Exit code 1 when a threshold is exceeded. Ratios of times are printed beside their goals; they drift with the machine's other
work and count only with --assert-ratios.
TEXT
}

rounds=3 quick=no only='' assert_ratios=no json=no
while (($#)); do
  case $1 in
    --quick) quick=yes ;;
    --assert-ratios) assert_ratios=yes ;;
    --json) json=yes ;;
    -h | --help) usage && exit 0 ;;
    --rounds | --only)
      [[ $# -ge 2 ]] || die 2 "$1 needs a value"
      if [[ $1 == --only ]]; then only=$2; else rounds=$2; fi
      shift
      ;;
    *) die 2 "unknown option $1" ;;
  esac
  shift
done
[[ $rounds =~ ^[1-9][0-9]*$ ]] || die 2 "--rounds needs a number of at least 1"
[[ -z $only || $only =~ ^(spawn|park|timer-cancelled|timer-fired|pool-alone|pool-64|child|echo|memory)$ ]] ||
  die 2 "nothing is called $only; see --help"

setup
say "building"
build_products eventloopbench bareecho
ours=$build_directory/eventloopbench
bare=$build_directory/bareecho
peer_source=$root/scripts/benchmarks/asyncio_peer.py

work=$(mktemp -d)
server=''
clear_away() {
  trap - EXIT
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap clear_away EXIT
trap 'exit 130' INT TERM

wanted() { [[ -z $only || $only == "$1" ]]; }
code=0
as_json=()
[[ $json == no ]] || as_json=(--json)

say "counting"
"$ours" counts "${as_json[@]}" ${only:+--only "$only"} || code=1
[[ $quick == no ]] || exit "$code"

# Server and clients on cores of their own, when there are two: otherwise where the system puts them decides the figures.
server_core=() client_core=()
if (($(nproc) > 1)); then server_core=(taskset -c 0) client_core=(taskset -c 1); fi

# start_server PLACE COMMAND...: starts an echo server and waits until it is ready; `address` is where.
start_server() {
  local place=$1 word
  shift
  [[ $place == tcp ]] || place=$work/socket
  rm -f "$work/socket"
  exec {server_output}< <(exec "${server_core[@]}" "$@" "$place" 2>"$work/server-errors")
  server=$!
  read -r -t 60 -u "$server_output" word address ||
    die 1 "the echo server did not start: $* $(tail -n 3 "$work/server-errors") $word"
}

# drive CONNECTIONS MESSAGES: sends the messages; `answered` and `cpu` are what the server says of itself afterwards.
drive() {
  "${client_core[@]}" "$bare" drive "$address" "$1" "$2" >"$work/load" || die 1 "the load has failed"
  read -r -t 60 -u "$server_output" answered cpu || die 1 "the echo server said nothing: $(tail -n 3 "$work/server-errors")"
  exec {server_output}<&-
  wait "$server" 2>/dev/null || true
  server=''
  ((answered == $2)) || die 1 "the echo server has answered $answered of $2 messages"
}

# System calls per message, by the kernel's own account; what is left beside few messages is the program's start.
count_system_calls() {
  local place calls=() messages
  for place in unix tcp; do
    calls=()
    for messages in 64 20064; do
      start_server "$place" strace -f -c -o "$work/strace" "$ours" serve
      drive 64 "$messages"
      calls+=("$(awk '$NF == "total" { print $4 }' "$work/strace")")
    done
    "$ours" judge "echo-$place-64 system calls" "$(awk -v a="${calls[0]}" -v b="${calls[1]}" 'BEGIN { print (b - a) / 20000 }')" \
      "${as_json[@]}" || code=1
  done
}
if wanted echo; then
  need_packages strace
  if strace -o /dev/null true 2>/dev/null; then
    count_system_calls
  else
    say "strace is not permitted here: the server's own count of system calls has to do"
  fi
fi
wanted memory && [[ -n $only ]] && exit "$code"

python=''
uvloop_version=0.23.0
if command -v python3 >/dev/null && python3 -m venv "$work/python" >"$work/install" 2>&1 &&
  "$work/python/bin/pip" install --quiet --disable-pip-version-check "uvloop==$uvloop_version" >>"$work/install" 2>&1; then
  python=$work/python/bin/python
else
  say "no uvloop, so no peer: $(tail -n 1 "$work/install" 2>/dev/null || echo "python3 is missing")"
  [[ $assert_ratios == no ]] || die 1 "without a peer there are no ratios to assert"
fi

# One line per measurement: name, contender, nanoseconds per operation.
samples=$work/samples
: >"$samples"
time_workload() { # NAME OPERATIONS
  wanted "$1" || return 0
  local figure
  figure=$("$ours" time "$1" "$2") || die 1 "$1 has failed"
  printf '%s ours %s\n' "$1" "$figure" >>"$samples"
  [[ -n $python ]] || return 0
  figure=$("$python" "$peer_source" time "$1" "$2") || die 1 "the peer's $1 has failed"
  printf '%s uvloop %s\n' "$1" "$figure" >>"$samples"
}

time_echo() { # PLACE CONNECTIONS MESSAGES
  wanted echo || return 0
  local contender
  for contender in ours streams protocol bare; do
    case $contender in
      ours) start_server "$1" "$ours" serve ;;
      bare) start_server "$1" "$bare" serve ;;
      *)
        [[ -n $python ]] || continue
        start_server "$1" "$python" "$peer_source" serve "$contender"
        ;;
    esac
    drive "$2" "$3"
    printf 'echo-%s-%s %s %s\n' "$1" "$2" "$contender" "$((cpu / answered))" >>"$samples"
  done
}

for ((round = 1; round <= rounds; round++)); do
  say "round $round of $rounds"
  time_workload spawn 500000
  time_workload park 500000
  time_workload timer-cancelled 1000000
  time_workload timer-fired 1000000
  time_workload pool-alone 20000
  time_workload pool-64 64000
  time_workload child 300
  for place in unix tcp; do
    time_echo "$place" 1 40000
    time_echo "$place" 64 200000
    time_echo "$place" 1000 200000
  done
done

awk -v json="$json" -v assert_ratios="$assert_ratios" "$awk_median"'
  { key = $1 SUBSEP $2; values[key, ++count[key]] = $3 }
  !($1 in seen) { seen[$1] = 1; names[++n] = $1 }
  function median(name, contender) { return median_of(name SUBSEP contender, count[name, contender]) }
  function figure(value) { return value ? sprintf("%.0f", value) : "-" }
  # The ratio beside its goal; one without the other stands alone.
  function verdict(ratio, goal, atleast, kept) {
    if (!ratio || !goal) return ""
    kept = atleast ? ratio >= goal : ratio <= goal
    if (!kept) missed++
    return kept ? "kept" : "MISSED"
  }
  function column(ratio, goal, atleast, word) {
    if (!ratio) return sprintf("%21s", "-")
    if (!goal) return sprintf("%7.2f%14s", ratio, "")
    return sprintf("%7.2f (%s%.1f) %-6s", ratio, atleast ? ">=" : "<=", goal, word)
  }
  function object(ratio, goal, word) {
    if (!ratio) return "null"
    return sprintf("{\"value\":%.3f%s}", ratio, goal ? sprintf(",\"goal\":%.1f,\"kept\":%s", goal, word == "kept" ? "true" : "false") : "")
  }
  function json_figure(value) { return value ? sprintf("%.1f", value) : "null" }
  END {
    goal["spawn"] = 3; goal["timer-cancelled"] = 3; goal["timer-fired"] = 3; goal["park"] = 2
    for (i = 1; i <= n; i++) {
      name = names[i]; ours = median(name, "ours")
      if (name ~ /^echo/) continue
      peer = median(name, "uvloop"); ratio = peer / ours; word = verdict(ratio, goal[name], 1)
      unit = name ~ /^(pool|child)/ ? "wall" : "CPU"
      if (json == "yes") {
        printf "{\"bench\":\"%s\",\"unit\":\"nanoseconds of %s per operation\",\"event_loop\":%.1f,\"uvloop\":%s,\"uvloop_ratio\":%s}\n", \
          name, unit == "CPU" ? "CPU" : "wall time", ours, json_figure(peer), object(ratio, goal[name], word)
        continue
      }
      if (!headed++) printf "\n%-18s %-7s %10s %10s  %-21s\n", "per operation", "", "EventLoop", "uvloop", "uvloop / EventLoop"
      printf "%-18s ns %-4s %10s %10s  %s\n", name, unit, figure(ours), figure(peer), column(ratio, goal[name], 1, word)
    }
    headed = 0
    for (i = 1; i <= n; i++) {
      name = names[i]; ours = median(name, "ours")
      if (name !~ /^echo/) continue
      streams = median(name, "streams"); protocol = median(name, "protocol"); bare = median(name, "bare")
      above = name ~ /-1$/ ? 0 : 1.5; below = name ~ /-1$/ ? 0 : 1.4
      first = verdict(streams / ours, above, 1); second = verdict(ours / bare, below, 0)
      if (json == "yes") {
        printf "{\"bench\":\"%s\",\"unit\":\"nanoseconds of server CPU per message\",\"event_loop\":%.1f,\"streams\":%s,\"protocol\":%s,\"bare\":%s,", \
          name, ours, json_figure(streams), json_figure(protocol), json_figure(bare)
        printf "\"streams_ratio\":%s,\"bare_ratio\":%s}\n", object(streams / ours, above, first), object(ours / bare, below, second)
        continue
      }
      if (!headed++) printf "\n%-15s %9s %9s %9s %9s  %-21s  %-21s\n", "ns CPU/message", "EventLoop", "streams", "protocol", "bare C", "streams / EventLoop", "EventLoop / bare C"
      printf "%-15s %9s %9s %9s %9s  %s  %s\n", name, figure(ours), figure(streams), figure(protocol), figure(bare), \
        column(streams / ours, above, 1, first), column(ours / bare, below, 0, second)
    }
    exit assert_ratios == "yes" && missed ? 1 : 0
  }' "$samples" || code=1
exit "$code"
