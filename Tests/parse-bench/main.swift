import CAllocationCount
import Glibc

let usage = """
  usage: parsebench time LIST ROOT    reads all pages of the list and prints "PAGES BYTES HREFS NANOSECONDS READING ALLOCATIONS":
                                      CPU of all pages, and that of the reader without its links' identities
         parsebench counts            prints allocations of a page and of its links, one name and figure per line
         parsebench repeat N          reads the sample page N times, for a profiler that counts instructions; prints its bytes
  """

func stop(_ sentence: String, code: Int32 = 1) -> Never {
  let line = Array("\(sentence)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
  exit(code)
}

/// CPU of the process, user and system, in nanoseconds.
func processorTime() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

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
  let start = processorTime()
  for page in pages.entries { reading.visit(page.body, at: page.url) }
  let middle = processorTime()
  for page in pages.entries { _ = reading.page(page.body, at: page.url) }
  let end = processorTime()
  guard reading.identities != 0 || hrefs == 0 else { stop("the links have no identities") }
  print(pages.entries.count, pages.byteCount, hrefs, middle - start, end - middle, taken)
}

func count() {
  guard allocation_count_is_available() else { stop("allocations are not counted under a sanitizer") }
  var reading = Reading()
  func cost(_ body: [UInt8]) -> Double {
    // The first reading makes what lives as long as the process.
    reading.visit(body, at: Sample.url)
    return Double(allocations { reading.visit(body, at: Sample.url) })
  }
  let page = cost(Sample.text)
  print("page-allocations", page)
  print("link-allocations", (cost(Sample.links) - page) / Double(Sample.paragraphs))
  print("repeated-link-allocations", (cost(Sample.repeatedLinks) - page) / Double(Sample.paragraphs))
}

func repeatReading(_ times: Int) {
  var reading = Reading()
  for _ in 0..<times { reading.visit(Sample.links, at: Sample.url) }
  guard reading.hrefs == times * Sample.paragraphs else { stop("\(reading.hrefs) links in \(times) samples") }
  print(Sample.links.count)
}

let arguments = Array(CommandLine.arguments.dropFirst())
switch (arguments.first, arguments.count) {
case ("time", 3): time(PageSet(list: arguments[1], root: arguments[2]))
case ("counts", 1): count()
case ("repeat", 2):
  guard let times = Int(arguments[1]), times > 0 else { stop(usage, code: 2) }
  repeatReading(times)
case ("--help", 1), ("-h", 1): print(usage)
default: stop(usage, code: 2)
}
