import BenchmarkCounts
import CAllocationCount
import Glibc

let usage = """
  usage: parsebench time LIST ROOT    reads all pages of the list and prints "PAGES BYTES HREFS NANOSECONDS READING ALLOCATIONS":
                                      CPU of all pages, and that of the reader without its links' identities
         parsebench counts [--json]   counts allocations of a page and of its links; exit code 1 when a threshold is exceeded
         parsebench judge NAME VALUE [--json]    the same for a count that was taken elsewhere
         parsebench repeat N          reads the sample page N times, for a profiler that counts instructions; prints its bytes
  """

func allocations(_ work: () -> Void) -> Int {
  let before = allocation_count()
  work()
  return Int(allocation_count() - before)
}

/// The pages are in memory before the clock starts, and each has been read once.
func time(_ pages: PageSet) {
  var reading = Reading()
  let taken = allocations { for page in pages.entries { reading.visit(page.body, at: page.url) } }
  let hrefs = reading.hrefs
  let start = Kernel.time()
  for page in pages.entries { reading.visit(page.body, at: page.url) }
  let middle = Kernel.time()
  for page in pages.entries { _ = reading.page(page.body, at: page.url) }
  let end = Kernel.time()
  guard reading.identities != 0 || hrefs == 0 else { stop("the links have no identities") }
  print(pages.entries.count, pages.byteCount, hrefs, middle - start, end - middle, taken)
}

/// What must not be exceeded, whatever the machine: allocations of a page without links, of a link to a page not named
/// before and of one to a page named before; instructions of the page of 64 links, a twentieth above what they are.
let limits = [
  "page-allocations": 20, "link-allocations": 2, "repeated-link-allocations": 0.05, "page-instructions": 830_000,
]

func counts() -> [Count] {
  guard allocation_count_is_available() else { stop("allocations are not counted under a sanitizer") }
  var reading = Reading()
  func cost(_ body: [UInt8]) -> Double {
    // The first reading makes what lives as long as the process.
    reading.visit(body, at: Sample.url)
    return Double(allocations { reading.visit(body, at: Sample.url) })
  }
  let page = cost(Sample.text)
  let paragraphs = Double(Sample.paragraphs)
  return [
    Count(name: "page-allocations", value: page, limits: limits),
    Count(name: "link-allocations", value: (cost(Sample.links) - page) / paragraphs, limits: limits),
    Count(name: "repeated-link-allocations", value: (cost(Sample.repeatedLinks) - page) / paragraphs, limits: limits),
  ]
}

func repeatReading(_ times: Int) {
  var reading = Reading()
  for _ in 0..<times { reading.visit(Sample.links, at: Sample.url) }
  guard reading.hrefs == times * Sample.paragraphs else { stop("\(reading.hrefs) links in \(times) samples") }
  print(Sample.links.count)
}

var arguments = Array(CommandLine.arguments.dropFirst())
let json = arguments.contains("--json")
arguments.removeAll { $0 == "--json" }
switch (arguments.first, arguments.count) {
case ("time", 3): time(PageSet(list: arguments[1], root: arguments[2]))
case ("counts", 1): exit(Count.report(counts(), json: json) ? 0 : 1)
case ("judge", 3):
  guard let isKept = Count.judge(Array(arguments.dropFirst()), limits: limits, json: json) else { stop(usage, code: 2) }
  exit(isKept ? 0 : 1)
case ("repeat", 2):
  guard let times = Int(arguments[1]), times > 0 else { stop(usage, code: 2) }
  repeatReading(times)
case ("--help", 1), ("-h", 1): print(usage)
default: stop(usage, code: 2)
}
