import Glibc
import HostileReaders

/// Reads many inputs, or one.
struct Fuzzing {
  private let arguments: Options
  private let readers: [HostileReader]
  private let seed: UInt64

  init(_ arguments: Options) {
    self.arguments = arguments
    readers = arguments.readers(at: 0)
    seed = UInt64(arguments["--seed"] ?? 1)
  }

  func run() {
    if let number = arguments["--write"] {
      let bytes = readers[0].input(seed: seed, number)
      bytes.withUnsafeBytes { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    } else if let path = arguments.input {
      let bytes = Fuzzing.contents(path)
      for reader in readers { check(reader, bytes, number: 0) }
    } else {
      let first = arguments["--first"] ?? 0
      for reader in readers {
        InputWatch.begin(reader.name, seed: seed, deadline: arguments["--deadline"] ?? 5)
        for number in first..<first + (arguments["--count"] ?? 100_000) {
          let bytes = reader.input(seed: seed, number)
          InputWatch.next(number)
          check(reader, bytes, number: number)
        }
        InputWatch.end()
        print("\(reader.name): \(arguments["--count"] ?? 100_000) inputs of seed \(seed)")
        fflush(nil)
      }
    }
  }

  private func check(_ reader: HostileReader, _ bytes: [UInt8], number: Int) {
    do {
      try reader.check(bytes)
    } catch {
      stop("fuzz-readers \(reader.name) --seed \(seed) --first \(number) --count 1\n  \(error)", code: 1)
    }
  }

  private static func contents(_ path: String) -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY)
    guard descriptor >= 0 else { stop("\(path): \(String(cString: strerror(errno)))", code: 2) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
  }
}
