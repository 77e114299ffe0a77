import CLinux
import Glibc

/// Where a socket listens or connects to.
public enum SocketAddress: Sendable, Hashable, CustomStringConvertible {
  /// A Unix-domain stream socket; 1 to 107 bytes of path.
  case unix(path: String)
  /// The address in host byte order: 127.0.0.1 is 0x7F00_0001.
  case ipv4(address: UInt32, port: UInt16)
  /// The address as two halves, most significant first; `scope` is an interface index, or 0.
  case ipv6(high: UInt64, low: UInt64, port: UInt16, scope: UInt32)

  /// 127.0.0.1; port 0 lets the system choose.
  public static func loopback(port: UInt16 = 0) -> SocketAddress { .ipv4(address: 0x7F00_0001, port: port) }

  /// The port; nil for a Unix path.
  public var port: UInt16? {
    switch self {
    case .unix: nil
    case .ipv4(_, let port), .ipv6(_, _, let port, _): port
    }
  }

  /// The path, `1.2.3.4:80`, or `[0:0:0:0:0:0:0:1]:80` (all eight groups, not shortened).
  public var description: String {
    switch self {
    case .unix(let path): return path
    case .ipv4(let address, let port):
      let bytes = [24, 16, 8, 0].map { String(address >> UInt32($0) & 0xFF) }
      return "\(bytes.joined(separator: ".")):\(port)"
    case .ipv6(let high, let low, let port, let scope):
      let groups = [high, low].flatMap { half in [48, 32, 16, 0].map { half >> UInt64($0) & 0xFFFF } }
      let text = groups.map { String($0, radix: 16) }.joined(separator: ":")
      return "[\(text)\(scope == 0 ? "" : "%\(scope)")]:\(port)"
    }
  }

  var domain: Int32 {
    switch self {
    case .unix: AF_UNIX
    case .ipv4: AF_INET
    case .ipv6: AF_INET6
    }
  }

  /// Calls `body` with the address as the kernel wants it.
  func withSystemAddress<T>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> T
  ) throws(EventLoopError) -> T {
    var storage = sockaddr_storage()
    let length: Int
    switch self {
    case .unix(let path):
      let bytes = Array(path.utf8)
      guard (1...107).contains(bytes.count), !bytes.contains(0) else { throw .unusableAddress(self) }
      length = MemoryLayout<sockaddr_un>.size
      withUnsafeMutableBytes(of: &storage) { raw in
        raw.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
        raw[MemoryLayout<sa_family_t>.size...].copyBytes(from: bytes)
      }
    case .ipv4(let address, let port):
      length = MemoryLayout<sockaddr_in>.size
      var system = sockaddr_in()
      system.sin_family = sa_family_t(AF_INET)
      system.sin_port = port.bigEndian
      system.sin_addr.s_addr = address.bigEndian
      withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: system, as: sockaddr_in.self) }
    case .ipv6(let high, let low, let port, let scope):
      length = MemoryLayout<sockaddr_in6>.size
      var system = sockaddr_in6()
      system.sin6_family = sa_family_t(AF_INET6)
      system.sin6_port = port.bigEndian
      system.sin6_scope_id = scope
      withUnsafeMutableBytes(of: &system.sin6_addr) {
        $0.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
        $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
      }
      withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: system, as: sockaddr_in6.self) }
    }
    return withUnsafePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
    }
  }

  /// The address that the kernel has filled in; nil for a family that is none of ours.
  init?(_ storage: sockaddr_storage, length: socklen_t) {
    var storage = storage
    let address: SocketAddress? = withUnsafeBytes(of: &storage) { raw in
      switch Int32(raw.load(as: sa_family_t.self)) {
      case AF_UNIX:
        let path = raw[MemoryLayout<sa_family_t>.size..<max(MemoryLayout<sa_family_t>.size, min(Int(length), 110))]
        return .unix(path: String(decoding: path.prefix { $0 != 0 }, as: UTF8.self))
      case AF_INET:
        let system = raw.load(as: sockaddr_in.self)
        return .ipv4(address: UInt32(bigEndian: system.sin_addr.s_addr), port: UInt16(bigEndian: system.sin_port))
      case AF_INET6:
        let system = raw.load(as: sockaddr_in6.self)
        let (high, low) = withUnsafeBytes(of: system.sin6_addr) {
          ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        return .ipv6(
          high: UInt64(bigEndian: high), low: UInt64(bigEndian: low), port: UInt16(bigEndian: system.sin6_port),
          scope: system.sin6_scope_id)
      default:
        return nil
      }
    }
    guard let address else { return nil }
    self = address
  }
}

/// Who is at the other end of a Unix-domain connection, as the kernel vouches for it.
public struct PeerCredentials: Sendable, Hashable {
  public let uid: UInt32
  public let gid: UInt32
  public let pid: Int32

  public init(uid: UInt32, gid: UInt32, pid: Int32) {
    self.uid = uid
    self.gid = gid
    self.pid = pid
  }
}
