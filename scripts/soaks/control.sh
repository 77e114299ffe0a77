# How soon users are answered, and how soon what they want holds. Sourced by scripts/soak.

usage() {
  cat <<'TEXT'
usage: scripts/soak control [--in-flight N] [--seeds N] [--rounds N]

With N fetches in flight (default 5000), which end all the time and make room for others, a task is paused and resumed 120 times:
99 in 100 answers to pause, ls and show have to come within 50 ms, and by the server's log no request may arrive later than
100 ms after a pause was answered. Then N seeds (default 1000000) come from a file within 30 s, are taken over by a recrawl, and
are removed: 99 in 100 answers to status, ls, show and set have to come within 50 ms meanwhile, and while rows are removed
no change of a setting, which waits for the transaction under way, may take more than 100 ms. The same while a task of a tenth of
N pages with stored texts is removed. The best of N rounds counts (default 3). Each request has a connection of its own. It
takes some minutes, and 2 GB of the disk.
TEXT
}

in_flight=5000 seeds=1000000 rounds=3
take_numbers 1 in_flight seeds rounds -- "$@"
((rounds >= 2)) || die 2 "--rounds takes 2 or more: time is measured, and the best counts"
((in_flight >= 50 && in_flight <= 10000)) || die 2 "--in-flight takes 50 to 10000"
ulimit -n "$(ulimit -Hn)"
(($(ulimit -n) >= in_flight + 500)) || die 2 "--in-flight $in_flight needs more open files than the $(ulimit -n) that are allowed here"

setup
export CRAWLD_SOAK_CONTROL_IN_FLIGHT=$in_flight CRAWLD_SOAK_CONTROL_SEEDS=$seeds CRAWLD_SOAK_CONTROL_ROUNDS=$rounds
soak_test control Steering
