import Glibc

/// Writing a text to a file at once.
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
