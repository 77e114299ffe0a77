# Shared by the scripts of this folder; sourced, never run. It holds the set-up (Debian packages, toolchain, build) and
# the few helpers that two scripts need. It starts nothing by itself.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build_directory=$root/.build/release

# What the build needs from Debian, beside the Swift toolchain.
build_packages=(libcurl4-openssl-dev libc-ares-dev libsqlite3-dev libicu-dev libpsl-dev zlib1g-dev libssl-dev
  libzstd-dev libbrotli-dev)
# What the tests need beside it: a TLS server in front of the test web, certificates, and what the examples of README.md and
# config/handlers use.
test_packages=(nginx libnginx-mod-stream openssl netcat-openbsd python3 jq)

say() { printf '%s\n' "$*" >&2; }

die() {
  local code=$1
  shift
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit "$code"
}

as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die 1 "root is needed for: $*   (no sudo here; run that as root, then start again)"
  fi
}

# Installs those of the named Debian packages that are missing; silent when there is nothing to do.
need_packages() {
  command -v dpkg-query >/dev/null || die 1 "this set-up is for Debian; elsewhere install the equivalents of: $*"
  local missing=() name state
  for name in "$@"; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null || true)
    [[ $state == installed ]] || missing+=("$name")
  done
  ((${#missing[@]} == 0)) && return 0
  say "installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >&2 ||
    { as_root apt-get update >&2 &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >&2; } ||
    die 1 "apt-get could not install ${missing[*]}"
}

need_swift() {
  local version
  command -v swift >/dev/null ||
    die 1 "no swift on the PATH: install the Swift 6.3 toolchain (https://www.swift.org/install/linux/) and start again"
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
  [[ -n $version ]] || die 1 "swift --version names no version; Swift 6.3 or newer is needed"
  ((${version%%.*} * 1000 + ${version#*.} >= 6003)) || die 1 "Swift $version is too old: 6.3 or newer is needed"
  # The programs carry Swift's library within, which looks beside them for what tells where a program has crashed.
  local backtracer
  backtracer=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")/libexec/swift/linux/swift-backtrace-static
  [[ -n ${SWIFT_BACKTRACE:-} || ! -x $backtracer ]] || export SWIFT_BACKTRACE=swift-backtrace=$backtracer
}

setup() {
  need_swift
  need_packages "${build_packages[@]}"
}

# One build configuration for everything, so that a clean clone is compiled once. Shows the build only when it fails.
build_products() {
  local product output
  for product in "$@"; do
    output=$(cd "$root" && swift build -c release --product "$product" 2>&1) ||
      { printf '%s\n' "$output" >&2 && die 1 "the build of $product failed"; }
  done
}

# wait_for_daemon PID SOCKET LOG: returns when the daemon answers on its socket. Woken by the lines of its log (tail
# sleeps on inotify); fails with the log's last lines when the daemon ends first or is silent for a minute.
wait_for_daemon() {
  local pid=$1 socket=$2 log=$3 tail_descriptor tail_pid silent=0 line ready=1
  exec {tail_descriptor}< <(exec tail -n +1 -s 0.2 --pid="$pid" -f "$log" 2>/dev/null)
  tail_pid=$!
  while :; do
    if "$build_directory/crawlctl" status --socket "$socket" >/dev/null 2>&1; then
      ready=0
      break
    fi
    kill -0 "$pid" 2>/dev/null || break
    if read -r -t 1 line <&"$tail_descriptor"; then silent=0; else silent=$((silent + 1)); fi
    ((silent < 60)) || break
  done
  kill "$tail_pid" 2>/dev/null || true
  exec {tail_descriptor}<&-
  ((ready == 0)) || tail -n 5 "$log" >&2
  return "$ready"
}
