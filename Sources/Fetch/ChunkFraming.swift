import CCurl

/// Counts the bytes on the wire that a chunked body has beside its own: sizes of chunks, extensions and trailers. libcurl
/// says nothing of them while they come.
/// The kernel is asked how much has come, each time that libcurl has read: half a microsecond. What TLS adds counts too.
struct ChunkFraming {
  /// Since the first look; rather too few than too many.
  private(set) var bytes = 0
  /// What had come over the connection beside the body at the first look, read or not.
  private var start: Int?

  /// `received` are the bytes of the body so far. Few bytes, at most `few`, are not looked at more closely.
  mutating func look(received: Int, on descriptor: Int32, few: Int) {
    // In this order: what comes meanwhile is among the unread.
    let came = ccurl_bytes_received(descriptor)
    guard came >= 0 else { return }
    let beside = Int(came) - received
    guard let start else {
      self.start = beside
      return
    }
    guard beside - start > few else { return }
    let unread = ccurl_bytes_unread(descriptor)
    if unread >= 0 { bytes = max(0, beside - start - Int(unread)) }
  }
}
