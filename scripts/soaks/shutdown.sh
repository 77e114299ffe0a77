# Ends of the daemon: nothing is lost, and none takes long. Sourced by scripts/soak.

usage() {
  cat <<'TEXT'
usage: scripts/soak shutdown [--in-flight N] [--hosts N] [--rounds N]

With N fetches in flight (default 5000) the daemon is told to stop: by SIGTERM with a grace of 2 s, in which half of them end;
by a second signal, by crawlctl shutdown --now, by crawlctl shutdown and a signal, with a grace of ten minutes; with pages of
9 MiB that wait to be read; with a reader in the database. Then with four tasks of N hosts (default 20000) to take up, at
moments of the start. Each time it has to end with 0 within the grace and a second, with a second signal within a second
(the best of N rounds, default 3), the database has to be in order (crawlctl doctor), and the next daemon has to bring the
crawl to its end: what was in flight is fetched again, nothing else is. It takes some minutes.
TEXT
}

in_flight=5000 hosts=20000 rounds=3
take_numbers 1 in_flight hosts rounds -- "$@"
((rounds >= 2)) || die 2 "--rounds takes 2 or more: time is measured, and the best counts"
((hosts <= 25000)) || die 2 "--hosts takes 1 to 25000: what one request of crawlctl add holds"
((in_flight >= 20 && in_flight <= 10000)) || die 2 "--in-flight takes 20 to 10000"
ulimit -n "$(ulimit -Hn)"
(($(ulimit -n) >= in_flight + 500)) || die 2 "--in-flight $in_flight needs more open files than the $(ulimit -n) that are allowed here"

setup
export CRAWLD_SOAK_SHUTDOWN_IN_FLIGHT=$in_flight CRAWLD_SOAK_SHUTDOWN_ROUNDS=$rounds CRAWLD_SOAK_SHUTDOWN_HOSTS=$hosts
export CRAWLD_SOAK_SHUTDOWN_STARTS=10 CRAWLD_SOAK_SHUTDOWN_STEP=40
soak_test shutdown Shutdown
