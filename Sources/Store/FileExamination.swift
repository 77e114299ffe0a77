internal import Glibc

/// What the system knows of a database's files.
enum FileExamination {
  /// The database is its owner's alone: nobody else may read it, put another file in its place, or own a part of it.
  static func permissions(path: String) -> [Finding] {
    let directory = Self.directory(of: path)
    // The directory may be reached by a symbolic link, whose own mode says nothing.
    guard let folder = status(directory, followsLink: true), let main = status(path) else { return [] }
    var findings: [Finding] = []
    if folder.st_mode & 0o022 != 0, folder.st_mode & S_ISVTX == 0 {
      findings.append(Finding(.permissions, "others may put files into \(directory); chmod go-w \(directory)"))
    }
    for file in [path, path + "-wal", path + "-shm", directory + "/crawld.lock"] {
      guard let status = status(file) else { continue }
      if status.st_mode & S_IFMT != S_IFREG { findings.append(Finding(.permissions, "\(file) is no regular file")) }
      if status.st_mode & 0o077 != 0 {
        let mode = String(status.st_mode & 0o777, radix: 8)
        findings.append(Finding(.permissions, "\(file) is open to others (mode \(mode)); chmod 600 \(file)"))
      }
      if status.st_uid != main.st_uid {
        findings.append(
          Finding(.permissions, "\(file) belongs to user \(status.st_uid), the database to user \(main.st_uid)"))
      }
    }
    return findings
  }

  /// The write-ahead log when it is long, and which processes read the database.
  static func log(path: String, limit: Int = Examination.longLog) -> Finding? {
    guard let log = status(path + "-wal"), log.st_size > limit else { return nil }
    var sentence = "the write-ahead log has \(log.st_size) bytes"
    let readers = readerNames(path: path)
    if readers.isEmpty {
      sentence += "; crawld cuts it when it runs and nobody reads"
    } else {
      sentence += "; it can't shrink while these read: " + readers.joined(separator: ", ")
    }
    return Finding(.log, sentence)
  }

  /// Processes in the midst of a reading transaction, this one and the daemon apart, as `process 4711 (sqlite3)`. Cost:
  /// reads /proc/locks.
  static func readerNames(path: String) -> [String] { readers(path: path).map(name) }

  /// Processes in the midst of a reading transaction, this one and the daemon apart.
  private static func readers(path: String) -> [Int32] {
    guard let shared = status(path + "-shm"), let text = text(of: "/proc/locks") else { return [] }
    let daemons = status(directory(of: path) + "/crawld.lock").map { holders(in: text, ofFile: UInt64($0.st_ino)) }
    return readers(in: text, ofFile: UInt64(shared.st_ino)).filter { $0 != getpid() && daemons?.contains($0) != true }
  }

  /// Who holds one of SQLite's read marks (bytes 123 to 127 of the shared-memory file) in the text of /proc/locks, which
  /// proc_locks(5) describes.
  static func readers(in text: String, ofFile inode: UInt64) -> [Int32] {
    locks(in: text, ofFile: inode).filter { $0.mode == "READ" && (123...127).contains($0.start) }.map(\.process)
  }

  /// Processes in the midst of a transaction that writes, as `readerNames` has them; never this one. Cost: as that.
  static func writerNames(path: String) -> [String] {
    guard let shared = status(path + "-shm"), let text = text(of: "/proc/locks") else { return [] }
    return writers(in: text, ofFile: UInt64(shared.st_ino)).filter { $0 != getpid() }.map(name)
  }

  /// Who holds SQLite's lock for writing (byte 120 of the shared-memory file) in the text of /proc/locks.
  static func writers(in text: String, ofFile inode: UInt64) -> [Int32] {
    locks(in: text, ofFile: inode).filter { $0.mode == "WRITE" && $0.start == 120 }.map(\.process)
  }

  /// Who holds the whole file with flock(2).
  static func holders(in text: String, ofFile inode: UInt64) -> [Int32] {
    locks(in: text, ofFile: inode).filter { $0.kind == "FLOCK" }.map(\.process)
  }

  private struct FileLock {
    var kind: Substring
    var mode: Substring
    var process: Int32
    var start: UInt64
  }

  private static func locks(in text: String, ofFile inode: UInt64) -> [FileLock] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      // Who only waits for a lock has an arrow as the second word.
      guard words.count == 8, words[5].split(separator: ":").last == "\(inode)", let process = Int32(words[4]),
        let start = UInt64(words[6])
      else { return nil }
      return FileLock(kind: words[1], mode: words[3], process: process, start: start)
    }
  }

  private static func name(of process: Int32) -> String {
    let command = text(of: "/proc/\(process)/comm")?.split(separator: "\n").first
    return "process \(process)" + (command.map { " (\($0))" } ?? "")
  }

  private static func status(_ path: String, followsLink: Bool = false) -> stat? {
    var status = stat()
    return (followsLink ? stat(path, &status) : lstat(path, &status)) == 0 ? status : nil
  }

  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func text(of path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(file, &chunk, chunk.count)
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk.prefix(count)
    }
  }
}
