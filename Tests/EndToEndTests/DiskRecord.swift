import CDiskControl
import Glibc
import Testing

/// What a daemon did to the files of its data directory, call by call, as the library in `Disk` has written it down.
struct DiskRecord: Sendable {
  enum Entry: Sendable {
    /// The file has a name from now on.
    case name
    case create(file: Int)
    /// The bytes are those of the record within the range.
    case write(file: Int, offset: Int, bytes: Range<Int>)
    case truncate(file: Int, length: Int)
    case remove(file: Int)
    /// All that was done to the file is on the medium. The file 0 is the directory.
    case sync(file: Int)
  }

  let bytes: [UInt8]
  private(set) var entries: [Entry] = []
  private(set) var names: [Int: String] = [:]

  init(_ path: String) throws {
    bytes = try Self.contents(of: path)
    var position = 0
    let headLength = MemoryLayout<disk_entry>.size
    while position + headLength <= bytes.count {
      let head = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: disk_entry.self) }
      let (file, offset) = (Int(head.file), Int(head.offset))
      let range = position + headLength..<position + headLength + Int(head.length)
      switch disk_entry_kind(head.kind) {
      case disk_entry_name:
        names[file] = String(decoding: bytes[range], as: UTF8.self)
        entries.append(.name)
      case disk_entry_create: entries.append(.create(file: file))
      case disk_entry_write: entries.append(.write(file: file, offset: offset, bytes: range))
      case disk_entry_truncate: entries.append(.truncate(file: file, length: offset))
      case disk_entry_remove: entries.append(.remove(file: file))
      default: entries.append(.sync(file: file))
      }
      position = range.upperBound
    }
    try #require(position == bytes.count, "the record ends within an entry")
  }

  /// The number of a file; nil when the daemon has none of this name.
  func file(named name: String) -> Int? { names.first { $0.value == name }?.key }

  private static func contents(of path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    try #require(file >= 0, "\(path) can't be read")
    defer { close(file) }
    var status = stat()
    fstat(file, &status)
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let more = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress! + count, $0.count - count) }
      try #require(more > 0, "\(path) can't be read")
      count += more
    }
    return bytes
  }
}
