import Glibc

/// A file that goes with its last reference.
final class TemporaryFile: Sendable {
  let path: String

  init(text: String) throws {
    var template = Array("/tmp/fetch-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else { throw Failure(code: errno) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else { throw Failure(code: errno) }
  }

  deinit {
    unlink(path)
  }

  struct Failure: Error {
    let code: Int32
  }
}
