import Glibc

/// URLs from a file or stdin, one per line, in batches that a request of the control protocol holds.
final class SeedFile {
  private let path: String
  private let descriptor: Int32
  private let isStream: Bool
  private var buffer: [UInt8] = []
  private var hasEnded = false

  /// URLs of a batch, and their bytes as JSON, at most.
  static let longestBatch = 10_000
  static let batchBytes = 900_000
  private static let longestLine = 1 << 19

  /// `-` is stdin. Throws one line for the user.
  init(_ path: String) throws {
    self.path = path
    descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(.usage, "crawlctl: \(path): \(SystemText.describe(errno))") }
    var status = stat()
    isStream = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
  }

  deinit {
    if descriptor != STDIN_FILENO { close(descriptor) }
  }

  /// The next URLs, at least one; nil at the end. Blocks. Of a pipe, what is there is handed over without waiting for more.
  func next() throws -> [String]? {
    var urls: [String] = []
    var bytes = 0
    while urls.count < Self.longestBatch, bytes < Self.batchBytes {
      guard let lines = try nextLines(upTo: Self.batchBytes - bytes) else { break }
      urls += TaskOptions.seeds(inLines: lines)
      bytes += 2 * lines.utf8.count
      if isStream, !urls.isEmpty { break }
    }
    return urls.isEmpty ? nil : urls
  }

  /// Whole lines, as many as half of `limit` bytes hold, at least one; nil at the end.
  private func nextLines(upTo limit: Int) throws -> String? {
    while !hasEnded, !buffer.contains(0x0A) { try read() }
    guard !buffer.isEmpty else { return nil }
    let end = buffer.prefix(max(1, limit / 2)).lastIndex(of: 0x0A) ?? buffer.firstIndex(of: 0x0A) ?? buffer.count - 1
    defer { buffer.removeFirst(end + 1) }
    guard let text = String(validating: buffer[...end], as: UTF8.self) else {
      throw Failure(.usage, "crawlctl: \(path) is no UTF-8 text")
    }
    return text
  }

  private func read() throws {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(descriptor, &chunk, chunk.count)
    if count < 0, errno != EINTR { throw Failure(.usage, "crawlctl: \(path): \(SystemText.describe(errno))") }
    if count == 0 { hasEnded = true }
    if count > 0 { buffer += chunk[..<count] }
    if buffer.count > Self.longestLine, !buffer.contains(0x0A) {
      throw Failure(.usage, "crawlctl: \(path) has a line of more than \(Self.longestLine) bytes: that is no URL")
    }
  }
}
