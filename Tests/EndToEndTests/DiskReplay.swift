import Glibc
import TestWeb
import Testing

/// The medium while a record is played back: what a sync has made last, and what was done since. A cut of the power keeps
/// of the latter what chance keeps: each write whole, not at all, or any of its sectors; each truncation or not.
///
/// A new, removed or renamed file is one in the directory when the directory was synced. Of what happened to the
/// directory since, a cut keeps a beginning, as file systems with a journal do.
struct DiskReplay {
  private static let sector = 512

  /// The contents of a file, from its creation on.
  private struct Contents {
    var synced: [UInt8] = []
    var pending: [DiskRecord.Entry] = []
  }

  private let record: DiskRecord
  /// Entries that were played back.
  private(set) var position = 0
  private var contents: [Contents] = []
  /// The contents of each file that is there.
  private var directory: [Int: Int] = [:]
  private var syncedDirectory: [Int: Int] = [:]
  private var pendingDirectory: [(file: Int, contents: Int?)] = []

  init(_ record: DiskRecord) { self.record = record }

  /// Plays entries back up to a position.
  mutating func advance(to end: Int) {
    while position < end {
      let entry = record.entries[position]
      position += 1
      switch entry {
      case .name: break
      case .create(let file):
        contents.append(Contents())
        directory[file] = contents.count - 1
        pendingDirectory.append((file, contents.count - 1))
      case .write(let file, _, _), .truncate(let file, _):
        if let place = directory[file] { contents[place].pending.append(entry) }
      case .remove(let file):
        directory[file] = nil
        pendingDirectory.append((file, nil))
      case .sync(0):
        for change in pendingDirectory { syncedDirectory[change.file] = change.contents }
        pendingDirectory = []
      case .sync(let file):
        guard let place = directory[file] else { break }
        for write in contents[place].pending { apply(write, to: &contents[place].synced) }
        contents[place].pending = []
      }
    }
  }

  /// Writes the files of the database as they are for those who use them.
  func writeWhole(to folder: String) throws {
    for (file, place) in directory { try write(file, contents[place], to: folder) { _ in .whole } }
  }

  /// Writes the files of the database as a cut leaves them.
  func writeCut(to folder: String, _ chance: inout Chance) throws {
    var left = syncedDirectory
    for change in pendingDirectory.prefix(chance.draw(below: pendingDirectory.count + 1)) {
      left[change.file] = change.contents
    }
    // All, nothing, or some of it.
    let manner = chance.draw(below: 8)
    for (file, place) in left.sorted(by: { $0.key < $1.key }) {
      try write(file, contents[place], to: folder) { _ in
        switch manner {
        case 0: .none
        case 1: .whole
        default: [Part.none, .whole, .torn][chance.draw(below: 3)]
        }
      } sector: {
        chance.draw(below: 2) == 0
      }
    }
  }

  private enum Part {
    case none, whole, torn
  }

  private func write(
    _ file: Int, _ contents: Contents, to folder: String, part: (DiskRecord.Entry) -> Part,
    sector isKept: () -> Bool = { true }
  ) throws {
    guard let name = record.names[file], name.hasPrefix("crawl.db"), !name.hasSuffix("-shm") else { return }
    var bytes = contents.synced
    for entry in contents.pending {
      switch part(entry) {
      case .none: break
      case .whole: apply(entry, to: &bytes)
      case .torn: tear(entry, &bytes, isKept)
      }
    }
    let path = "\(folder)/\(name)"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0, "\(path) can't be made")
    defer { close(descriptor) }
    var count = 0
    while count < bytes.count {
      let more = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + count, $0.count - count) }
      try #require(more > 0, "\(path) can't be written")
      count += more
    }
  }

  private func apply(_ entry: DiskRecord.Entry, to bytes: inout [UInt8]) {
    switch entry {
    case .write(_, let offset, let range): put(range, at: offset, into: &bytes)
    case .truncate(_, let length): resize(&bytes, to: length)
    case .name, .create, .remove, .sync: break
    }
  }

  /// Applies those sectors of a write that are kept.
  private func tear(_ entry: DiskRecord.Entry, _ bytes: inout [UInt8], _ isKept: () -> Bool) {
    guard case .write(_, let offset, let range) = entry else { return }
    var start = offset
    while start < offset + range.count {
      let end = min(offset + range.count, (start / Self.sector + 1) * Self.sector)
      if isKept() {
        put(range.lowerBound + start - offset..<range.lowerBound + end - offset, at: start, into: &bytes)
      }
      start = end
    }
  }

  private func put(_ range: Range<Int>, at offset: Int, into bytes: inout [UInt8]) {
    if bytes.count < offset + range.count { resize(&bytes, to: offset + range.count) }
    bytes.replaceSubrange(offset..<offset + range.count, with: record.bytes[range])
  }

  private func resize(_ bytes: inout [UInt8], to length: Int) {
    if length < bytes.count {
      bytes.removeLast(bytes.count - length)
    } else {
      bytes.append(contentsOf: repeatElement(0, count: length - bytes.count))
    }
  }
}

/// Numbers that a seed chooses, one after the other.
struct Chance {
  private let numbers: SeededNumbers
  private var draws: UInt64 = 0

  init(seed: Int) { numbers = SeededNumbers(seed: UInt64(seed)) }

  mutating func draw(below bound: Int) -> Int {
    draws += 1
    return numbers.draw(draws, below: bound)
  }
}
