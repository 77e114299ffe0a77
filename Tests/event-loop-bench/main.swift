import BenchmarkCounts
import EventLoop
import Glibc

let usage = """
  usage: eventloopbench counts [--json] [--only NAME]    counts what does not drift; exit code 1 when a threshold is exceeded
         eventloopbench judge NAME VALUE [--json]        the same for a count that was taken elsewhere
         eventloopbench time NAME OPERATIONS             prints nanoseconds per operation (CPU, or wall for pool and child)
         eventloopbench serve tcp|PATH                   an echo server; prints "ready PORT" or "ready PATH" and, when the last
                                                         client has gone, "MESSAGES NANOSECONDS" (CPU since the first message)
  names: \(Counts.groups.map(\.name).joined(separator: " "))
  """

/// Takes and prints the counts, all or those of one name; whether they are kept.
func count(only name: String?, json: Bool) throws -> Bool {
  let groups = Counts.groups.filter { name == nil || $0.name == name }
  if groups.isEmpty { stop("no counts are called \(name ?? "")\n\(usage)", code: 2) }
  if !json { print(Count.heading) }
  var areKept = true
  for group in groups {
    for count in try group.count() {
      print(count.line(json: json))
      areKept = areKept && count.isKept
    }
  }
  return areKept
}

func serve(at place: String) throws {
  let result = try EventLoop.run {
    let loop = EventLoop.current!
    let address = place == "tcp" ? SocketAddress.loopback() : .unix(path: place)
    return try await EchoServer.run(loop, on: address) { address in
      print("ready \(address.port.map { "\($0)" } ?? place)")
      fflush(nil)
    }
  }
  print("\(result.messages) \(result.spent.processor)")
}

var arguments = Array(CommandLine.arguments.dropFirst())
let json = arguments.contains("--json")
arguments.removeAll { $0 == "--json" }
do {
  switch (arguments.first, arguments.count) {
  case ("counts", 1): exit(try count(only: nil, json: json) ? 0 : 1)
  case ("counts", 3) where arguments[1] == "--only": exit(try count(only: arguments[2], json: json) ? 0 : 1)
  case ("judge", 3):
    guard let value = Double(arguments[2]) else { stop(usage, code: 2) }
    let count = Count(name: arguments[1], value: value)
    print(count.line(json: json))
    exit(count.isKept ? 0 : 1)
  case ("time", 3):
    guard let operations = Int(arguments[2]), let workload = Workload.all.first(where: { $0.name == arguments[1] })
    else { stop(usage, code: 2) }
    let spent = try workload.measure(operations)
    print(Double(workload.clock == .processor ? spent.processor : spent.wall) / Double(operations))
  case ("serve", 2): try serve(at: arguments[1])
  case ("--help", 1), ("-h", 1): print(usage)
  default: stop(usage, code: 2)
  }
} catch {
  stop("eventloopbench: \(error)")
}
