/// The special schemes of the WHATWG URL Standard, and all others.
enum Scheme: UInt8, Sendable {
  case other, http, https, ws, wss, ftp, file

  /// The scheme of lower-case ASCII bytes.
  init(_ name: UnsafeBufferPointer<UInt8>) {
    self =
      if name.elementsEqual("https".utf8) {
        .https
      } else if name.elementsEqual("http".utf8) {
        .http
      } else if name.elementsEqual("file".utf8) {
        .file
      } else if name.elementsEqual("ftp".utf8) {
        .ftp
      } else if name.elementsEqual("ws".utf8) {
        .ws
      } else if name.elementsEqual("wss".utf8) {
        .wss
      } else {
        .other
      }
  }

  var isSpecial: Bool { self != .other }

  var defaultPort: UInt16? {
    switch self {
    case .http, .ws: 80
    case .https, .wss: 443
    case .ftp: 21
    case .file, .other: nil
    }
  }
}
