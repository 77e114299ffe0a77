import BenchmarkCounts
import CAllocationCount
import CInstructionCount
import Glibc

let usage = """
  usage: frontierbench counts [--json]         counts what does not drift; exit code 1 when a threshold is exceeded
         frontierbench judge NAME VALUE [--json]         the same for a count that was taken elsewhere
         frontierbench instructions            for valgrind's callgrind, which writes a file per group of operations whose
                                               reason is "OPERATIONS NAME"
         frontierbench fill HOSTS KNOWN...     fills a frontier to each of these numbers of known URLs, and prints there
                                               "KNOWN NEW OLD START BYTES RESIDENT": nanoseconds of an offer that is new, of one
                                               that is known and of a start with its end; bytes of the heap, and resident
  """

/// What must not be exceeded, whatever the machine: each is a hundredth above what is counted.
let limits: [String: Double] = [
  "new-offer-allocations": 0.27,
  "known-offer-allocations": 0.01,
  "start-allocations": 0.01,
  // From the 100,000th to the 400,000th, when the heads of 100 hosts are full. It is 18 when the segments of the seen set
  // are full, and 37 when all of them have just split.
  "bytes-per-known-url": 21.2,
  "new-offer-instructions": 9_970,
  "known-offer-instructions": 1_645,
  "start-instructions": 12_260,
]

func counts() -> [Count] {
  guard allocation_count_is_available() else { stop("allocations are not counted under a sanitizer") }
  func count(_ name: String, _ value: Double) -> Count { Count(name: name, value: value, limits: limits) }
  var filling = Filling(hosts: 100)
  _ = filling.offerNew(100_000)
  _ = filling.start(2_000)
  let before = allocation_bytes_in_use()
  let new = filling.offerNew(300_000)
  let bytes = allocation_bytes_in_use() - before
  let known = filling.offerKnown(20_000)
  let started = filling.start(20_000)
  return [
    count("new-offer-allocations", new.allocationsEach),
    count("known-offer-allocations", known.allocationsEach),
    count("start-allocations", started.allocationsEach),
    count("bytes-per-known-url", Double(bytes) / Double(new.operations)),
  ]
}

/// Operations whose instructions callgrind counts, when the heads of 100 hosts are full.
func countInstructions() {
  guard instruction_count_is_available() else { stop("instructions are counted under valgrind alone") }
  var filling = Filling(hosts: 100)
  _ = filling.offerNew(60_000)
  _ = filling.start(2_000)
  filling.isMarked = true
  _ = filling.offerNew(20_000)
  _ = filling.offerKnown(20_000)
  _ = filling.start(2_000)
}

/// The last so many of the offers that lead to a number are measured.
let measured = 100_000

func fill(hosts: Int, to marks: [Int]) {
  var filling = Filling(hosts: hosts)
  for mark in marks {
    _ = filling.offerNew(max(0, mark - filling.known - measured))
    let new = filling.offerNew(mark - filling.known)
    let known = filling.offerKnown(measured)
    let started = filling.start(measured / 2)
    print(
      mark, new.nanoseconds, known.nanoseconds, started.nanoseconds, allocation_bytes_in_use(), Kernel.residentBytes)
    fflush(nil)
  }
}

var arguments = Array(CommandLine.arguments.dropFirst())
let json = arguments.contains("--json")
arguments.removeAll { $0 == "--json" }
switch (arguments.first, arguments.count) {
case ("counts", 1): exit(Count.report(counts(), json: json) ? 0 : 1)
case ("judge", 3):
  guard let isKept = Count.judge(Array(arguments.dropFirst()), limits: limits, json: json) else { stop(usage, code: 2) }
  exit(isKept ? 0 : 1)
case ("instructions", 1): countInstructions()
case ("fill", 3...):
  let numbers = arguments.dropFirst().compactMap { Int($0) }
  guard numbers.count == arguments.count - 1, numbers[0] > 0, numbers[1] > 0,
    zip(numbers.dropFirst(), numbers.dropFirst(2)).allSatisfy({ $0 < $1 })
  else { stop(usage, code: 2) }
  fill(hosts: numbers[0], to: Array(numbers.dropFirst()))
case ("--help", 1), ("-h", 1): print(usage)
default: stop(usage, code: 2)
}
