import Glibc

/// The watches of a loop by descriptor. A token is the descriptor and the registration's generation; an event whose
/// token is not the current one belongs to a registration that is gone, and is dropped.
struct WatchTable {
  private struct Entry {
    var token: UInt64 = 0
    /// The watch's, where it is at hand.
    var endpoint: Unmanaged<Endpoint>?
    var watch: Watch?
  }

  private var entries: [Entry] = []
  private var generation: UInt32 = 0
  private(set) var count = 0

  subscript(token token: UInt64) -> Watch? {
    let index = Int(token & 0xFFFF_FFFF)
    guard index < entries.count, entries[index].token == token else { return nil }
    return entries[index].watch
  }

  /// The endpoint whose registration has this token.
  @inline(__always)
  func endpoint(token: UInt64) -> Unmanaged<Endpoint>? {
    let index = Int(token & 0xFFFF_FFFF)
    guard index < entries.count, entries[index].token == token else { return nil }
    return entries[index].endpoint
  }

  mutating func nextToken(for descriptor: Int32) -> UInt64 {
    generation = generation == .max ? 1 : generation + 1
    return UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
  }

  /// Inserts. A watch that is still in the descriptor's place has lost its registration when its owner closed the
  /// descriptor: it is returned, to be silenced.
  mutating func insert(_ watch: Watch) -> Watch? {
    let index = Int(watch.descriptor)
    while index >= entries.count { entries.append(Entry()) }
    let stale = entries[index].watch
    if stale == nil { count += 1 }
    entries[index] = Entry(token: watch.token, endpoint: watch.endpoint, watch: watch)
    return stale
  }

  mutating func remove(_ watch: Watch) {
    let index = Int(watch.descriptor)
    guard index < entries.count, entries[index].watch === watch else { return }
    entries[index] = Entry()
    count -= 1
  }

  /// Empties the table; the watches are to be silenced.
  mutating func takeAll() -> [Watch] {
    defer {
      entries = []
      count = 0
    }
    return entries.compactMap(\.watch)
  }
}

extension EventLoopError {
  var isAlreadyExists: Bool { code == EEXIST }
}
