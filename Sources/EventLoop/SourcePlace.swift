/// Where in the source a callback was registered: what a report calls it by. Two words, no allocation.
struct SourcePlace: CustomStringConvertible {
  private let file: UnsafePointer<UInt8>
  private let line: UInt32

  /// - Parameter file: `#fileID`.
  @inline(__always)
  init(_ file: StaticString, _ line: UInt) {
    self.file = file.utf8Start
    self.line = UInt32(truncatingIfNeeded: line)
  }

  /// `Module/File.swift:12`.
  var description: String { "\(String(cString: file)):\(line)" }
}
