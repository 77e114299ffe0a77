import Control
import FoundationEssentials
import Glibc

/// Reads questions line by line and answers them in order. Memory is one line and what was read with it.
struct CheckSession<Kind: CheckKind> {
  /// The longest line that is read: a body of 10 MiB in Base64 fits well.
  static var maximumLine: Int { 64 << 20 }

  private var line: [UInt8] = []
  private var isTooLong = false
  private var answers: [UInt8] = []

  init(_ kind: Kind.Type) {}

  /// Answers stdin to its end. Answers are written whenever all that was read is answered.
  mutating func run() throws {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw Failure(.failed, "crawlctl: stdin cannot be read: \(String(cString: strerror(errno)))")
      }
      if count == 0 { break }
      take(chunk[..<count])
      flush()
    }
    endLine()
    flush()
  }

  private mutating func take(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      add(rest[..<end])
      endLine()
      rest = rest[(end + 1)...]
    }
    add(rest)
  }

  private mutating func add(_ bytes: ArraySlice<UInt8>) {
    guard line.count + bytes.count <= Self.maximumLine else {
      isTooLong = true
      line = []
      return
    }
    if !isTooLong { line += bytes }
  }

  private mutating func endLine() {
    defer {
      line.removeAll(keepingCapacity: line.capacity <= 1 << 20)
      isTooLong = false
    }
    if isTooLong { return write(CheckError(id: nil, error: "the line is longer than \(Self.maximumLine) bytes")) }
    if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
    let data = Data(LoneSurrogates.replaced(in: line))
    let decoder = JSONDecoder()
    let id = (try? decoder.decode(CheckIdentity.self, from: data))?.id
    do {
      let question = try decoder.decode(Kind.Question.self, from: data)
      write(CheckAnswer(id: id, answer: try Kind.answer(question)))
    } catch let problem as CheckProblem {
      write(CheckError(id: id, error: problem.text))
    } catch {
      write(CheckError(id: id, error: Self.sentence(error)))
    }
  }

  private mutating func write(_ answer: some Encodable) {
    // Strings, whole numbers and finite decimals only: encoding cannot fail.
    guard let bytes = try? JSONLine.encode(answer) else { return }
    answers += bytes
    answers.append(UInt8(ascii: "\n"))
    if answers.count > 1 << 16 { flush() }
  }

  private mutating func flush() {
    guard !answers.isEmpty else { return }
    Output.write(String(decoding: answers, as: UTF8.self))
    answers.removeAll(keepingCapacity: true)
  }

  private static func sentence(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _):
      return "“\(key.stringValue)” is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      guard let key = context.codingPath.last else { return "the line is no JSON object" }
      return "“\(key.stringValue)” has the wrong type"
    case DecodingError.dataCorrupted(let context):
      guard let key = context.codingPath.last else { return "the line is no JSON" }
      return "“\(key.stringValue)” cannot be read: \(context.debugDescription)"
    default:
      return "the line cannot be read: \(error)"
    }
  }
}
