import Glibc
import TestWeb

/// A file that grows by lines; each line is in the file when `append` returns.
final class LineLog: @unchecked Sendable {
  private let file: UnsafeMutablePointer<FILE>

  /// Begins an empty file. Throws `TextFile.WriteError`.
  init(path: String) throws(TextFile.WriteError) {
    guard let file = fopen(path, "we") else { throw TextFile.WriteError(path: path, code: errno) }
    setvbuf(file, nil, _IOLBF, 1 << 16)
    self.file = file
  }

  deinit {
    fclose(file)
  }

  func append(_ line: String) {
    fputs(line + "\n", file)
  }
}
