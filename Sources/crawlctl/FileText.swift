import Glibc

/// The text of a file that the user named.
package enum FileText {
  /// Bytes that a file may have at most.
  static let longest = 64 << 20

  /// All of the file as UTF-8; `-` is stdin. Blocks. Throws one line for the user.
  package static func read(_ path: String) throws -> String {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(.usage, "crawlctl: \(path): \(SystemText.describe(errno))") }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw Failure(.usage, "crawlctl: \(path): \(SystemText.describe(errno))")
      }
      bytes.append(contentsOf: chunk[..<count])
      if bytes.count > longest { throw Failure(.usage, "crawlctl: \(path) is longer than 64 MiB") }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.usage, "crawlctl: \(path) is no UTF-8 text")
    }
    return text
  }
}

/// The system's words.
enum SystemText {
  static func describe(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
