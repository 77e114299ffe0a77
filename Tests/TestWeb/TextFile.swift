import Glibc

/// Writing a text to a file, and reading one, at once.
package enum TextFile {
  /// Replaces the file's content.
  ///
  /// - Throws: `WriteError` with the reason of the system.
  package static func write(_ text: String, to path: String) throws(WriteError) {
    guard let file = fopen(path, "we") else { throw WriteError(path: path, code: errno) }
    let bytes = Array(text.utf8)
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count else { throw WriteError(path: path, code: errno) }
  }

  /// The file's content as UTF-8; nil when it cannot be read.
  package static func read(_ path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk.prefix(count)
    }
  }

  package struct WriteError: Error, CustomStringConvertible {
    package var path: String
    package var code: Int32

    package init(path: String, code: Int32) {
      self.path = path
      self.code = code
    }

    package var description: String { "\(path): \(String(cString: strerror(code)))" }
  }
}
