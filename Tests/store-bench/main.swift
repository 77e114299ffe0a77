import BenchmarkCounts
import CAllocationCount
import Glibc

let usage = """
  usage: storebench counts [--json]       counts what does not drift; exit code 1 when a threshold is exceeded
         storebench write PAGES FILE [PORT]
                                          writes the visits of so many pages of hosts at that port (8081) to a new
                                          database, as a crawl that goes on would have them, and prints
                                          "PAGES KNOWN LINKS ROWS MEASURED PROCESSOR WALL WRITES SYNCS BYTES
                                          URLBYTES LINKBYTES": pages but for the first group, and their cost (nanoseconds)
  """

/// What the visits of 2,000 pages cost, in a directory that is removed afterwards.
func counts() throws -> [Count] {
  guard allocation_count_is_available() else { stop("allocations are not counted under a sanitizer") }
  var template = Array("/tmp/storebench-XXXXXX".utf8CString)
  guard let made = mkdtemp(&template) else { stop("no directory for a database can be made in /tmp") }
  let directory = String(cString: made)
  let file = "\(directory)/crawl.db"
  defer {
    for suffix in ["", "-wal", "-shm"] { unlink(file + suffix) }
    rmdir(directory)
  }
  let writing = try Writing.measure(pages: 2_000, path: file)
  func count(_ name: String, _ value: Int, per number: Int) -> Count {
    Count(name: name, value: Double(value) / Double(number), limits: Thresholds.limits)
  }
  let (spent, commits) = (writing.spent, (writing.measured + Writing.group - 1) / Writing.group)
  return [
    count("loop-allocations-per-visit", spent.allocations, per: writing.measured),
    count("writer-allocations-per-visit", writing.writerAllocations, per: writing.measured),
    count("writes-per-visit", spent.writes, per: writing.measured),
    count("syncs-per-commit", spent.syncs, per: commits),
    count("rows-per-visit", writing.rows, per: writing.pages),
    count("database-bytes-per-page", writing.databaseBytes, per: writing.pages),
    count("bytes-per-known-url", writing.urlBytes, per: writing.known),
    count("bytes-per-link", writing.linkBytes, per: writing.links),
  ]
}

var arguments = Array(CommandLine.arguments.dropFirst())
let json = arguments.contains("--json")
arguments.removeAll { $0 == "--json" }
do {
  switch (arguments.first, arguments.count) {
  case ("counts", 1): exit(Count.report(try counts(), json: json) ? 0 : 1)
  case ("write", 3), ("write", 4):
    let port = arguments.count == 4 ? Int(arguments[3]) : 8081
    guard let pages = Int(arguments[1]), pages > Writing.group, let port, (1...65_535).contains(port) else {
      stop(usage, code: 2)
    }
    let writing = try Writing.measure(pages: pages, path: arguments[2], port: port)
    let spent = writing.spent
    print(
      writing.pages, writing.known, writing.links, writing.rows, writing.measured, spent.processor, spent.wall,
      spent.writes, spent.syncs, writing.databaseBytes, writing.urlBytes, writing.linkBytes)
  case ("--help", 1), ("-h", 1): print(usage)
  default: stop(usage, code: 2)
  }
} catch {
  stop("storebench: \(error)")
}
