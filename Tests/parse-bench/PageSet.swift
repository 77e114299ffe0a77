import BenchmarkCounts
import Glibc
import WebURL

/// The HTML files that a list names, all in memory, each with the URL that it would have on one host.
struct PageSet {
  struct Entry {
    let body: [UInt8]
    let url: WebURL
  }

  let entries: [Entry]

  /// Reads a list of paths, one per line, relative to `root`.
  init(list: String, root: String) {
    guard let text = PageSet.contents(of: list) else { stop("cannot read the list \(list)") }
    entries = text.split(separator: UInt8(ascii: "\n")).map { line in
      let path = String(decoding: line, as: UTF8.self)
      guard let body = PageSet.contents(of: root + "/" + path) else { stop("cannot read \(path)") }
      guard let url = WebURL("http://bench.test/" + path) else { stop("\(path) makes no URL") }
      return Entry(body: body, url: url)
    }
  }

  var byteCount: Int { entries.reduce(0) { $0 + $1.body.count } }

  private static func contents(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let added = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + count, $0.count - count) }
      guard added > 0 else { return nil }
      count += added
    }
    return bytes
  }
}
