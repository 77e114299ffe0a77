import EventLoop
import Glibc

/// URLs to hand over, with their places in a file.
struct SeedBatch: Sendable {
  var urls: [String]
  /// The line of each, from 1; none when they stand on the command line.
  var lines: [Int] = []
  /// The lines between them that are no UTF-8 text.
  var unreadable: [Int] = []
  /// The line behind all of these.
  var nextLine = 1
  /// Which file it is; none when they stand on the command line.
  var file: SeedFile?

  /// The URLs from an index on.
  func suffix(from index: Int) -> SeedBatch {
    var rest = self
    rest.urls.removeFirst(index)
    if !lines.isEmpty { rest.lines.removeFirst(index) }
    return rest
  }
}

/// The files that `--file` names, one after another. Belongs to the loop's thread.
final class SeedFiles: @unchecked Sendable {
  private let paths: [String]
  private var current: SeedFile
  /// How many of them were opened.
  private var opened = 1

  /// Opens the first; the others when they are due, since a pipe may be written to by then alone. nil for no path. Throws one
  /// line for the user, also when another can't be read.
  init?(_ paths: [String]) throws {
    guard let first = paths.first else { return nil }
    self.paths = paths
    current = try SeedFile(first)
    for path in paths.dropFirst() where path != "-" {
      var status = stat()
      let isDirectory = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      guard isDirectory || access(path, R_OK) != 0 else { continue }
      throw Failure(.usage, "crawlctl: \(path): \(SystemText.describe(isDirectory ? EISDIR : errno))")
    }
  }

  /// As messages have them.
  var names: String { paths.map(SeedFile.name).joined(separator: ", ") }

  /// The file that is read.
  var file: SeedFile { current }

  /// As `SeedFile.next`; nil at the end of the last.
  func next(on loop: EventLoop) async throws -> SeedBatch? {
    while true {
      if let batch = try await current.next(on: loop) { return batch }
      guard opened < paths.count else { return nil }
      let (path, place) = (paths[opened], opened)
      current = try await loop.runInThread { try SeedFile(path, place: place) }
      opened += 1
    }
  }

  /// The paths that come after a file.
  func paths(after file: SeedFile) -> ArraySlice<String> { paths[(file.place + 1)...] }
}

/// URLs from a file or stdin, one per line, in batches that a request of the control protocol holds. One coroutine reads.
final class SeedFile: @unchecked Sendable {
  /// As messages have it.
  let name: String
  /// Among those that are read, from 0.
  let place: Int
  private let descriptor: Int32
  /// Whether it may go on coming: a pipe or a terminal.
  let isStream: Bool
  private var buffer: [UInt8] = []
  private var hasEnded = false
  private var line = 1
  private var hasBegun = false

  /// URLs of a batch, and their bytes as JSON, at most.
  static let longestBatch = 10_000
  static let batchBytes = 900_000
  private static let longestLine = 1 << 19

  /// `-` is stdin. Throws one line for the user.
  init(_ path: String, place: Int = 0) throws {
    name = Self.name(path)
    self.place = place
    descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(.usage, "crawlctl: \(path): \(SystemText.describe(errno))") }
    var status = stat()
    isStream = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
  }

  static func name(_ path: String) -> String { path == "-" ? "stdin" : path }

  deinit {
    if descriptor != STDIN_FILENO { close(descriptor) }
  }

  /// The next URLs, or lines that are none, at least one; nil at the end. The loop goes on while they come. Of a pipe, what
  /// is there is handed over without waiting for more.
  func next(on loop: EventLoop) async throws -> SeedBatch? {
    try await loop.runInThread { try self.read() }
  }

  private func read() throws -> SeedBatch? {
    var batch = SeedBatch(urls: [], file: self)
    var bytes = 0
    while batch.urls.count < Self.longestBatch, bytes < Self.batchBytes {
      guard let lines = try nextLines(upTo: Self.batchBytes - bytes) else { break }
      for bytes in lines.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
        if let text = String(validating: bytes, as: UTF8.self) {
          for url in TaskOptions.seeds(inLines: text) {
            batch.urls.append(url)
            batch.lines.append(line)
          }
        } else {
          batch.unreadable.append(line)
        }
        line += 1
      }
      bytes += 2 * lines.count
      if isStream, !batch.urls.isEmpty || !batch.unreadable.isEmpty { break }
    }
    batch.nextLine = line
    return batch.urls.isEmpty && batch.unreadable.isEmpty ? nil : batch
  }

  /// Whole lines, as many as half of `limit` bytes hold, at least one, each with its line feed; nil at the end.
  private func nextLines(upTo limit: Int) throws -> ArraySlice<UInt8>? {
    while !hasEnded, !buffer.contains(0x0A) { try fill() }
    guard !buffer.isEmpty else { return nil }
    if hasEnded, buffer.last != 0x0A { buffer.append(0x0A) }
    let end = buffer.prefix(max(1, limit / 2)).lastIndex(of: 0x0A) ?? buffer.firstIndex(of: 0x0A) ?? buffer.count - 1
    let lines = buffer[...end]
    buffer.removeFirst(end + 1)
    defer { hasBegun = true }
    // A byte order mark, as some editors put before a text.
    return !hasBegun && lines.starts(with: [0xEF, 0xBB, 0xBF]) ? lines.dropFirst(3) : lines
  }

  private func fill() throws {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(descriptor, &chunk, chunk.count)
    if count < 0, errno != EINTR { throw Failure(.usage, "crawlctl: \(name): \(SystemText.describe(errno))") }
    if count == 0 { hasEnded = true }
    if count > 0 { buffer += chunk[..<count] }
    if buffer.count > Self.longestLine, !buffer.contains(0x0A) {
      throw Failure(.usage, "crawlctl: \(name):\(line): a line of more than \(Self.longestLine) bytes is no URL")
    }
  }
}
