import Glibc

/// The watches of a loop by descriptor. A token is the descriptor and the registration's generation; an event whose
/// token is not the current one belongs to a registration that is gone, and is dropped.
struct WatchTable {
  private var watches: [Watch?] = []
  private var generation: UInt32 = 0
  private(set) var count = 0

  subscript(token token: UInt64) -> Watch? {
    let index = Int(token & 0xFFFF_FFFF)
    guard index < watches.count, let watch = watches[index], watch.token == token else { return nil }
    return watch
  }

  mutating func nextToken(for descriptor: Int32) -> UInt64 {
    generation = generation == .max ? 1 : generation + 1
    return UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
  }

  /// Inserts. A watch that is still in the descriptor's place has lost its registration when its owner closed the
  /// descriptor: it is returned, to be silenced.
  mutating func insert(_ watch: Watch) -> Watch? {
    let index = Int(watch.descriptor)
    while index >= watches.count { watches.append(nil) }
    let stale = watches[index]
    if stale == nil { count += 1 }
    watches[index] = watch
    return stale
  }

  mutating func remove(_ watch: Watch) {
    let index = Int(watch.descriptor)
    guard index < watches.count, watches[index] === watch else { return }
    watches[index] = nil
    count -= 1
  }

  /// Empties the table; the watches are to be silenced.
  mutating func takeAll() -> [Watch] {
    defer {
      watches = []
      count = 0
    }
    return watches.compactMap { $0 }
  }
}

extension EventLoopError {
  var isAlreadyExists: Bool { code == EEXIST }
}
