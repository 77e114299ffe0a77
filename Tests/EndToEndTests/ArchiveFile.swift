import CZlib
import Glibc

/// A reader of WARC files of our own: each member of the gzip file is one record.
struct ArchiveFile {
  struct Record {
    var fields: [String: String] = [:]
    var block: [UInt8] = []

    var type: String { self["WARC-Type"] }

    subscript(_ name: String) -> String { fields[name.lowercased()] ?? "" }

    /// The header section within the block, and what follows it.
    var message: (head: String, payload: [UInt8]) {
      let end = ArchiveFile.place(of: "\r\n\r\n", in: block) ?? block.count
      return (String(decoding: block.prefix(end), as: UTF8.self), Array(block.dropFirst(end + 4)))
    }
  }

  var records: [Record] = []

  func records(_ type: String) -> [Record] { records.filter { $0.type == type } }

  struct Damage: Error {
    var sentence: String
  }

  init(path: String) throws {
    var rest = try Self.bytes(of: path)[...]
    while !rest.isEmpty {
      let (member, length) = try Self.gunzip(rest)
      rest = rest.dropFirst(length)
      records.append(try Self.record(member))
    }
  }

  private static func record(_ bytes: [UInt8]) throws -> Record {
    guard let end = place(of: "\r\n\r\n", in: bytes) else {
      throw Damage(sentence: "a record without an end of its header")
    }
    var lines = String(decoding: bytes[..<end], as: UTF8.self).split(
      separator: "\r\n", omittingEmptySubsequences: false)
    guard lines.removeFirst() == "WARC/1.1" else { throw Damage(sentence: "no version") }
    var record = Record()
    for line in lines {
      let parts = line.split(separator: ": ", maxSplits: 1)
      guard parts.count == 2, record.fields.updateValue(String(parts[1]), forKey: parts[0].lowercased()) == nil else {
        throw Damage(sentence: "the line \(line)")
      }
    }
    guard let length = Int(record["Content-Length"]), bytes.count == end + 4 + length + 4,
      bytes.suffix(4) == Array("\r\n\r\n".utf8)[...]
    else { throw Damage(sentence: "a length of \(record["Content-Length"]) in a record of \(bytes.count) bytes") }
    record.block = Array(bytes[(end + 4)..<(end + 4 + length)])
    return record
  }

  static func place(of pattern: String, in bytes: [UInt8]) -> Int? {
    let pattern = Array(pattern.utf8)
    guard bytes.count >= pattern.count else { return nil }
    return (0...(bytes.count - pattern.count)).first { bytes[$0] == pattern[0] && bytes[$0...].starts(with: pattern) }
  }

  private static func bytes(of path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else { throw Damage(sentence: "\(path) can't be read") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece.prefix(count) }
    return bytes
  }

  /// The first member, and how many bytes it takes.
  private static func gunzip(_ bytes: ArraySlice<UInt8>) throws -> ([UInt8], Int) {
    var stream = z_stream()
    guard czlib_inflate_init(&stream, czlib_gzip_window_bits) == Z_OK else { throw Damage(sentence: "zlib") }
    defer { inflateEnd(&stream) }
    var member: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    var code = Z_OK
    var input = Array(bytes)
    input.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      while code == Z_OK {
        let count = piece.withUnsafeMutableBufferPointer { piece in
          stream.next_out = piece.baseAddress
          stream.avail_out = UInt32(piece.count)
          code = inflate(&stream, Z_NO_FLUSH)
          return piece.count - Int(stream.avail_out)
        }
        member += piece.prefix(count)
      }
    }
    guard code == Z_STREAM_END else { throw Damage(sentence: "a gzip member: \(code)") }
    return (member, bytes.count - Int(stream.avail_in))
  }

  /// A body in the coding `gzip`.
  static func gzip(_ body: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    guard czlib_deflate_init(&stream, 6, czlib_gzip_window_bits) == Z_OK else { return [] }
    defer { deflateEnd(&stream) }
    var body = body
    return [UInt8](unsafeUninitializedCapacity: body.count + 64) { bytes, count in
      body.withUnsafeMutableBufferPointer { body in
        stream.next_in = body.baseAddress
        stream.avail_in = UInt32(body.count)
        stream.next_out = bytes.baseAddress
        stream.avail_out = UInt32(bytes.count)
        _ = deflate(&stream, Z_FINISH)
      }
      count = bytes.count - Int(stream.avail_out)
    }
  }
}
