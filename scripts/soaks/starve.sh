# A daemon that has too little of something, or is kept from it. Sourced by scripts/soak.

usage() {
  cat <<'TEXT'
usage: scripts/soak starve [--hosts N] [--pages N] [--seconds N] [--reader-seconds N]

Crawls with 64 descriptors (500 hosts and 32 clients); with N hosts (default 3000) of N pages (default 8) of 200 kB, in 256 MiB
of memory (max_bodies 64 MiB, max_in_flight 500); with a tenth of the processor (stopped for 90 ms of each 100); while somebody
holds BEGIN EXCLUSIVE for N seconds (default 60); while somebody reads an old state of the database for N seconds (default 600);
with a clock that is set by a day, forward and back; and stopped for N seconds (default 60) with answers under way and with a
connection that is not there yet. Each has to come to its end by itself, with every page stored once and asked for once; whoever
asks meanwhile has to be answered and told the reason; delays, Crawl-delay, Retry-After, retries and blocks have to take as long
as they were to, by the server's log. It takes a quarter of an hour and 4 GB of the disk.
TEXT
}

hosts=3000 pages=8 seconds=60 reader_seconds=600
take_numbers 1 hosts pages seconds reader_seconds -- "$@"
((seconds >= 5)) || die 2 "--seconds takes 5 or more: the limits that it is to go beyond have up to 3 s"

setup
export CRAWLD_SOAK_STARVE=1 CRAWLD_SOAK_STARVE_HOSTS=$hosts CRAWLD_SOAK_STARVE_PAGES=$pages
export CRAWLD_SOAK_STARVE_SECONDS=$seconds CRAWLD_SOAK_STARVE_READER_SECONDS=$reader_seconds
soak_test starve Starve
