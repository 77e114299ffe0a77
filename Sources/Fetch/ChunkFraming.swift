import CCurl

/// Counts what a body in chunks has on the wire beside its own bytes: sizes, extensions and trailers, of which libcurl says
/// nothing while they come.
///
/// The kernel's count is asked, each time that libcurl has read: half a microsecond. What TLS adds is among them.
struct ChunkFraming {
  /// Since the first look.
  private(set) var bytes = 0
  /// What was read of the connection beside the body until the first look.
  private var start: Int?

  /// `received` are the bytes of the body so far.
  mutating func look(received: Int, on descriptor: Int32) {
    let came = ccurl_bytes_received(descriptor)
    // May be of the body.
    let unread = ccurl_bytes_unread(descriptor)
    guard came >= 0, unread >= 0 else { return }
    let beside = Int(came - unread) - received
    if let start { bytes = beside - start } else { start = beside }
  }
}
