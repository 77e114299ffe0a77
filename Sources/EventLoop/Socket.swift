import CLinux
import Glibc

/// Making sockets: the few calls that clients and servers share.
enum Socket {
  /// A new non-blocking, close-on-exec stream socket of the address's family.
  static func open(for address: SocketAddress) throws(EventLoopError) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue)
    let descriptor = try EventLoopError.check("socket", clinux_socket(address.domain, type, 0))
    setNoDelay(descriptor, address)
    return descriptor
  }

  /// A socket that listens, and its address with the port that the system chose.
  static func listening(
    on address: SocketAddress, backlog: Int32
  ) throws(EventLoopError) -> (descriptor: Int32, address: SocketAddress) {
    let descriptor = try open(for: address)
    do {
      if address.port != nil { try set(descriptor, Int32(SOL_SOCKET), SO_REUSEADDR) }
      if case .ipv6 = address { try set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
      let bound = try address.withSystemAddress { bind(descriptor, $0, $1) == 0 ? 0 : -errno }
      try EventLoopError.check("bind", bound)
      try EventLoopError.check("listen", Glibc.listen(descriptor, backlog) == 0 ? 0 : -errno)
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let named = withUnsafeMutablePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
      }
      try EventLoopError.check("getsockname", named == 0 ? 0 : -errno)
      return (descriptor, SocketAddress(storage, length: length) ?? address)
    } catch {
      _ = Glibc.close(descriptor)
      throw error
    }
  }

  /// Begins to connect: 0 when connected at once, EINPROGRESS or EAGAIN when not yet, or the error.
  static func beginConnect(_ descriptor: Int32, to address: SocketAddress) throws(EventLoopError) -> Int32 {
    try address.withSystemAddress { connect(descriptor, $0, $1) == 0 ? 0 : errno }
  }

  /// The pending error of a socket, which is the result of its connecting; 0 for none.
  static func pendingError(_ descriptor: Int32) -> Int32 {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, Int32(SOL_SOCKET), SO_ERROR, &code, &length) == 0 ? code : errno
  }

  /// Small messages of a TCP connection go out at once.
  static func setNoDelay(_ descriptor: Int32, _ address: SocketAddress) {
    guard address.port != nil else { return }
    // The peer may have reset the connection already; reading will tell.
    try? set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
  }

  /// Closing the socket resets its connection.
  static func discardWhenClosed(_ descriptor: Int32) {
    var option = linger(l_onoff: 1, l_linger: 0)
    // Only a descriptor that is no socket is refused.
    setsockopt(descriptor, Int32(SOL_SOCKET), SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32) throws(EventLoopError) {
    var one: Int32 = 1
    let result = setsockopt(descriptor, level, option, &one, socklen_t(MemoryLayout<Int32>.size))
    try EventLoopError.check("setsockopt", result == 0 ? 0 : -errno)
  }
}
