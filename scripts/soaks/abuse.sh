# Clients of the control socket as nobody wants them, and what they cost. Sourced by scripts/soak.

usage() {
  cat <<'TEXT'
usage: scripts/soak abuse [--seconds N]

A crawl of 50 hosts with 500 fetches per second goes on for a minute alone and for N seconds (default 600) among 64 clients of
its control socket that send garbage, half lines, lines of a gibibyte, deep JSON, keys twice, what is no UTF-8, a byte per
second, floods of requests and wrong ones, that connect and leave, wait for what never comes, and read no reply. Meanwhile a
user asks for the status, each time by a connection of its own. By the server's log the crawl has to keep 95 % of its rate; the
user has to be answered within 50 ms in 99 of 100 cases and refused in less than one; memory may grow by 256 MiB, and all
that the clients hear has to be replies of the protocol. Another user of the machine has to be refused, and unsafe paths.
TEXT
}

seconds=600
take_numbers 1 seconds -- "$@"
((seconds >= 10)) || die 2 "--seconds takes 10 or more"

setup
CRAWLD_SOAK_ABUSE_SECONDS=$seconds soak_test abuse Abuse
