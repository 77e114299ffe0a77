/// The special schemes of the WHATWG URL Standard, and all others.
enum Scheme: UInt8, Sendable {
  case other, http, https, ws, wss, ftp, file

  /// The scheme of lower-case ASCII bytes.
  init(_ name: UnsafeBufferPointer<UInt8>) {
    guard name.count <= 5 else {
      self = .other
      return
    }
    self =
      switch name.reduce(UInt64(0), { $0 << 8 | UInt64($1) }) {
      case Scheme.packed("https"): .https
      case Scheme.packed("http"): .http
      case Scheme.packed("file"): .file
      case Scheme.packed("ftp"): .ftp
      case Scheme.packed("ws"): .ws
      case Scheme.packed("wss"): .wss
      default: .other
      }
  }

  /// Up to eight bytes of a name as one number.
  @inline(__always)
  private static func packed(_ name: StaticString) -> UInt64 {
    name.withUTF8Buffer { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
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
