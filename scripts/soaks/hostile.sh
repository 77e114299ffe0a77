# What the hostile web costs. Sourced by scripts/soak.

usage() {
  cat <<'TEXT'
usage: scripts/soak hostile [--rounds N] [--pages N]

1. Every bomb of the hostile web alone: at most 20 MiB more of memory, and at most a second of CPU.
2. A tenth as many good hosts as there are faults, of N pages each (default 400), a page every 50 ms, alone and then with all
   faults beside them: by the server's stamps they keep 90 % of their lone rate, and every fault ends within its limit and a
   second, at the best of N rounds (default 3).
TEXT
}

rounds=3 pages=400
take_numbers 1 rounds pages -- "$@"

setup
need_packages "${test_packages[@]}"
ulimit -n "$(ulimit -Hn)"
export CRAWLD_SOAK_HOSTILE_ROUNDS=$rounds CRAWLD_SOAK_PAGES=$pages
soak_test bombs aBombCostsLittleMemory
soak_test faults faultsEndInTimeAndGoodHostsKeepTheirRate
