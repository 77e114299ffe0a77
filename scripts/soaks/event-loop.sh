# The event loop and the resolver under the sanitizers. Sourced by scripts/soak.

usage() {
  cat <<'TEXT'
usage: scripts/soak event-loop [--seeds N] [--sanitizer thread|address]...

The tests of the event loop and of the resolver under ThreadSanitizer and AddressSanitizer, then the stress test with N
seeds more (default 10) under each. Any report fails. Builds into .build-thread and .build-address: a quarter of an hour
and 3 GB the first time.
TEXT
}

seeds=10 sanitizers=()
while (($#)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
  esac
  [[ $# -ge 2 ]] || die 2 "$1 needs a value"
  case $1 in
    --seeds) seeds=$2 ;;
    --sanitizer) sanitizers+=("$2") ;;
    *) die 2 "unknown option $1" ;;
  esac
  shift 2
done
[[ $seeds =~ ^[0-9]+$ ]] || die 2 "--seeds takes a number, not $seeds"
((${#sanitizers[@]})) || sanitizers=(thread address)
for sanitizer in "${sanitizers[@]}"; do
  [[ $sanitizer == thread || $sanitizer == address ]] || die 2 "--sanitizer takes thread or address, not $sanitizer"
done

setup
# Tests of traps crash on purpose, and what says where a program has crashed comes to no end with a sanitizer's memory.
export SWIFT_BACKTRACE=enable=no
cd "$root"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Runs tests under a sanitizer; a report, a failed test or none at all ends the script. There are no XCTest cases, and
# XCTest's own empty run leaks.
run() { # SANITIZER FILTER
  local skipped=()
  # Two tests measure, or limit, the memory of a process of their own, most of which is AddressSanitizer's then.
  [[ $1 != address ]] || skipped=(--skip 'in the queue leave nothing in it|no memory for others')
  if ! swift test --disable-xctest --sanitize "$1" --scratch-path ".build-$1" -c release --disable-testable-imports \
    --filter "$2" "${skipped[@]}" >"$log" 2>&1; then
    { grep -E '✘|SUMMARY' "$log" | head -n 20 && tail -n 20 "$log"; } >&2
    die 1 "$2 under the $1 sanitizer failed"
  fi
  ! grep -qE 'WARNING: ThreadSanitizer|ERROR: (Address|Leak)Sanitizer' "$log" ||
    { grep -A 30 -m 1 -E 'WARNING: ThreadSanitizer|ERROR: (Address|Leak)Sanitizer' "$log" >&2 && die 1 "the $1 sanitizer has a report"; }
  grep -oE 'Test run with [1-9][0-9]* tests? .*' "$log" | tail -n 1 || die 1 "no test ran"
}

for sanitizer in "${sanitizers[@]}"; do
  say "building and running under the $sanitizer sanitizer"
  run "$sanitizer" 'EventLoopTests|NamesTests'
  for ((seed = 1; seed <= seeds; seed++)); do
    EVENTLOOP_STRESS_SEED=$((seed + 1000)) run "$sanitizer" StressTests
  done
done
say "no report"
