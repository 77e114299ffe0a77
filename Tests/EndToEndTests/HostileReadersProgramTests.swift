import EventLoop
import Glibc
import Testing

extension EndToEndTests {
  /// The program fuzz-readers: its counts are its own, because linked into the tests they would take over the heap of all.
  @Suite struct HostileReadersProgram {
    private func run(_ arguments: [String]) throws -> Ended {
      try EventLoop.run { try await EventLoop.current!.run("\(Programs.directory)/fuzz-readers", arguments) }
    }

    @Test func twiceTheBytesTakeTwiceTheHeap() throws {
      let ended = try run(["shapes", "all"])
      #expect(ended.code == 0, "\(ended)")
      #expect(ended.output.contains("control-line: "))
    }

    @Test func anInputIsReproducedByItsNumber() throws {
      let written = try run(["page", "--seed", "5", "--write", "100"])
      let again = try run(["page", "--seed", "5", "--write", "100"])
      #expect(written.code == 0 && !written.output.isEmpty && written.output == again.output)
      let read = try run(["page", "--seed", "5", "--first", "100", "--count", "1"])
      #expect(read.code == 0 && read.output == "page: 1 inputs of seed 5\n", "\(read)")
    }

    @Test(arguments: [(SIGVTALRM, "took longer than its deadline"), (SIGILL, "was read when the process trapped")])
    func aSignalNamesTheInput(signal: Int32, sentence: String) throws {
      let (said, status) = try EventLoop.run {
        var command = Command("\(Programs.directory)/fuzz-readers", ["all", "--seed", "9", "--count", "20000"])
        command.standardError = .pipe
        // The runtime's own handler writes a backtrace and lets the program go on to trap again, which here it does not.
        command.environment["SWIFT_BACKTRACE"] = "enable=no"
        return try await EventLoop.current!.spawn(command, Signalling(signal: signal))
      }
      #expect(said.contains(" --seed 9 --count 1 --first ") && said.contains(sentence), "\(said)")
      #expect(signal == SIGVTALRM ? status == .exited(code: 3) : !status.isSuccess, "\(status)")
    }

    @Test func wrongArgumentsAreRefused() throws {
      for arguments in [["nobody"], [], ["url", "--count"], ["url", "--count", "x"], ["url", "--nothing", "1"]] {
        #expect(try run(arguments).code == 2, "\(arguments)")
      }
    }
  }
}

/// Waits until the first reader is through, so that the signal comes in the middle of the next, and listens.
private struct Signalling: ProcessProtocol {
  let signal: Int32

  func run(_ process: ChildProcess) async throws -> String {
    _ = try await process.pipe.readLine(limit: 80)
    try process.send(signal: signal)
    var said = ""
    while let line = try await process.standardError?.readLine(limit: 4_096) {
      said += String(decoding: line, as: UTF8.self) + "\n"
    }
    return said
  }
}
