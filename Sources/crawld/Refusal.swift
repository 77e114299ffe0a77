internal import Glibc

/// Why the daemon does not start, in one line, with its exit code.
struct Refusal: Error {
  enum Code: Int32 {
    case failed = 1
    /// The command line or the configuration file.
    case usage = 2
    /// Another daemon has the data directory.
    case taken = 5
    case permission = 7
  }

  let code: Code
  let sentence: String

  init(_ code: Code, _ sentence: String) {
    self.code = code
    self.sentence = sentence
  }

  func print() { write("crawld: \(sentence)") }

  func write(_ line: String) { StandardError.write(line) }
}
