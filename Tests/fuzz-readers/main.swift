import Glibc
import HostileReaders

let usage = """
  usage: fuzz-readers READER|all [--count N] [--seed N] [--first N] [--deadline SECONDS]
             reads N inputs (default 100000) made of the seed (default 1) and their numbers, the first of which is 0 or
             N. Ends with 1 when a property does not hold, by its signal when a reader traps, and with 3 when one input
             takes more than the deadline (default 5 s of CPU); says each time which input that was.
         fuzz-readers READER --input FILE    reads that file alone; - is stdin
         fuzz-readers READER --write N [--seed N]    writes the input with this number to stdout
         fuzz-readers shapes READER|all [--bytes N] [--shape NAME]
             reads each shape, or the one of this name, at N bytes (default 50000) and at twice as many. Ends with 1 when that takes more than 2.2
             times as many allocations or bytes of the heap; under valgrind --tool=callgrind has the instructions of each
             written to callgrind's files.
         fuzz-readers list
  """

func stop(_ sentence: String, code: Int32) -> Never {
  let line = Array("\(sentence)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
  exit(code)
}

let arguments = Options(Array(CommandLine.arguments.dropFirst()))
switch arguments.words.first {
case "list": for reader in HostileReader.all { print(reader.name) }
case "shapes": exit(ShapeCounts.take(arguments) ? 0 : 1)
case "--help", "-h": print(usage)
default: Fuzzing(arguments).run()
}
