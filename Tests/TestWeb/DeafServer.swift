import Glibc

/// A port whose queue is full: whoever connects waits for an answer that never comes.
package final class DeafServer: @unchecked Sendable {
  package let port: UInt16
  private var descriptors: [Int32] = []

  /// Port 0 lets the system choose one.
  package init(address host: UInt32 = 0x7F00_0001, port: UInt16 = 0) {
    let listener = DeafServer.open()
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = host.bigEndian
    address.sin_port = port.bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutableBytes(of: &address) { bytes in
      let address = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
      return bind(listener, address, size) == 0 && listen(listener, 0) == 0
        && getsockname(listener, address, &size) == 0
    }
    precondition(isListening, "the port can't be listened on")
    self.port = UInt16(bigEndian: address.sin_port)
    descriptors.append(listener)
    for _ in 0..<4 {
      let filler = DeafServer.open()
      withUnsafeBytes(of: &address) { bytes in
        _ = connect(filler, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!, size)
      }
      descriptors.append(filler)
    }
  }

  deinit {
    for descriptor in descriptors { close(descriptor) }
  }

  private static func open() -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_INET, kind, 0)
    precondition(descriptor >= 0, "no socket can be opened")
    return descriptor
  }
}
