# Every reader of bytes from outside: total, linear, and flat in memory. Sourced by scripts/soak.

usage() {
  cat <<'TEXT'
usage: scripts/soak readers [--count N] [--seed N] [--reader NAME]... [--sanitizer address]

1. N inputs (default 1000000) of a seed (default 1) through each reader of Tests/HostileReaders, or through those named: no
   trap, no input of more than 5 s of CPU, every property holds. With --sanitizer address the same in a build of its own
   (.build-address), in which one input may take 60 s; then nothing else is done.
2. Every shape at 50,000 and 100,000 bytes, and nested tags at 5 and 10 MiB, counted by valgrind: twice the bytes take
   at most 2.2 times the instructions, and a body at most 1,500 per byte: a page of 10 MiB then takes some two seconds.
3. crawlctl check with 100,000 lines of each kind: the peak of memory is that of 10,000 lines, give or take 2 MiB.
A run of all takes a quarter of an hour.
TEXT
}

count=1000000 seed=1 readers=() sanitizer=''
while (($#)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
  esac
  [[ $# -ge 2 ]] || die 2 "$1 needs a value"
  case $1 in
    --count) count=$2 ;;
    --seed) seed=$2 ;;
    --reader) readers+=("$2") ;;
    --sanitizer) sanitizer=$2 ;;
    *) die 2 "unknown option $1" ;;
  esac
  shift 2
done
[[ $count =~ ^[0-9]+$ && $seed =~ ^[0-9]+$ ]] || die 2 "--count and --seed take numbers"
[[ -z $sanitizer || $sanitizer == address ]] || die 2 "--sanitizer takes address, not $sanitizer"

# Twice the bytes may take this many times the instructions. What takes fewer than `floor` per byte is all beginning.
growth=2.2 floor=20
# Instructions per byte of a body. The lengths are no powers of two, near which a buffer that doubles costs more.
bodies='page legacy-page xhtml srcset sitemap' body_limit=1500
bytes=50000

setup
cd "$root"
if [[ -n $sanitizer ]]; then
  say "building with the $sanitizer sanitizer"
  swift build -c release --sanitize "$sanitizer" --scratch-path ".build-$sanitizer" --product fuzz-readers >&2
  fuzz=$root/.build-$sanitizer/release/fuzz-readers deadline=60
  # The report is the sanitizer's; the runtime's backtrace would read what it has poisoned, and never end.
  export ASAN_OPTIONS=abort_on_error=1 SWIFT_BACKTRACE=enable=no
else
  say "building"
  need_packages valgrind binutils python3
  build_products fuzz-readers crawlctl
  fuzz=$build_directory/fuzz-readers deadline=5
fi
if ((${#readers[@]} == 0)); then mapfile -t readers < <("$fuzz" list); fi

say "$count inputs of seed $seed"
for reader in "${readers[@]}"; do
  "$fuzz" "$reader" --count "$count" --seed "$seed" --deadline "$deadline" || die 1 "the reader $reader is not total"
done
[[ -z $sanitizer ]] || exit 0

counts=$(mktemp -d)
trap 'rm -rf "$counts"' EXIT
# Valgrind does not read the debugging information of this toolchain.
strip -g -o "$counts/fuzz-readers" "$fuzz"

# Counts a reader's shapes, or one of them, at `bytes` and at twice as many.
take() { # READER [--shape NAME]
  rm -f "$counts"/out*
  valgrind --tool=callgrind --callgrind-out-file="$counts/out" \
    "$counts/fuzz-readers" shapes "$@" --bytes "$bytes" >"$counts/log" 2>&1 ||
    { tail -n 20 "$counts/log" >&2 && die 1 "the shapes of $1 could not be counted"; }
}

# Reads callgrind's files: one for each shape and length, whose reason is `BYTES READER NAME`.
judge() { # READER
  awk -v bytes="$bytes" -v growth="$growth" -v floor="$floor" -v limit="$2" -v reader="$1" '
    FNR == 1 { name = "" }
    sub(/^desc: Trigger: Client Request: /, "") { length_ = $1; sub(/^[0-9]+ [^ ]+ /, ""); name = $0 }
    /^summary: / {
      if (name != "") { if (length_ == bytes) once[name] = $2; else twice[name] = $2 }
      nextfile
    }
    END {
      for (name in twice) {
        shapes++
        ratio = twice[name] / (once[name] > floor * bytes ? once[name] : floor * bytes)
        cost = twice[name] / (2 * bytes)
        if (ratio > worst) { worst = ratio; where = name }
        if (cost > dearest) { dearest = cost; what = name }
        if (ratio > growth) { printf "%s %s: twice the bytes, %.2f times the instructions\n", reader, name, ratio; bad = 1 }
        if (limit && cost > limit) { printf "%s %s: %d instructions per byte\n", reader, name, cost; bad = 1 }
      }
      if (!shapes) { print reader ": nothing was counted"; exit 1 }
      printf "%-14s %3d shapes; at most %.2f times (%.60s), %d per byte (%.60s)\n", reader, shapes, worst, where, dearest, what
      exit bad
    }' "$counts"/out.*
}

say "instructions at $bytes and $((2 * bytes)) bytes"
failures=0
for reader in "${readers[@]}"; do
  take "$reader"
  limit=''
  [[ " $bodies " != *" $reader "* ]] || limit=$body_limit
  judge "$reader" "$limit" || failures=$((failures + 1))
done
if [[ " ${readers[*]} " == *" page "* ]]; then
  # A page of 10 MiB: a million nested tags, and two.
  bytes=5242880
  take page --shape '{<div>}'
  judge page "$body_limit" || failures=$((failures + 1))
fi
((failures == 0)) || die 1 "$failures readers take more than they may"

say "crawlctl check with 100,000 lines"
python3 "$root/scripts/soaks/check_memory.py" "$build_directory/crawlctl" || die 1 "memory grows with the lines"
