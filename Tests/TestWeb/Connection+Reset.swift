import EventLoop
import Glibc

extension Connection {
  /// Ends a TCP connection with a reset instead of an orderly end: what was sent and not yet read is lost to the peer.
  ///
  /// The descriptor is the loop's own affair, so it is found as the socket of this process whose peer is ours. O(open
  /// descriptors).
  func reset() {
    defer { close() }
    guard case .ipv4(let address, let port) = peerAddress, let folder = opendir("/proc/self/fd") else { return }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard let descriptor = Int32(name) else { continue }
      var peer = sockaddr_in()
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let answer = withUnsafeMutablePointer(to: &peer) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
      }
      guard answer == 0, peer.sin_family == sa_family_t(AF_INET), peer.sin_addr.s_addr == address.bigEndian,
        peer.sin_port == port.bigEndian
      else { continue }
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
      return
    }
  }
}
