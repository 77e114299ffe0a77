internal import Glibc
internal import WebURL

/// The ids of the hosts that were looked up last, by the beginnings of their URLs. Links lead to few hosts, and to
/// compare the beginnings of two URLs costs a tenth of making the text of an origin. Constant memory and time.
struct RecentHosts {
  private struct Place {
    var prefix: [UInt8] = []
    var hostID: Int64 = 0
  }

  private var places = [Place](repeating: Place(), count: 256)

  /// nil when it was not asked for lately, or the URL has credentials.
  func id(of url: WebURL) -> Int64? {
    let id = url.withOriginPrefix { prefix -> Int64? in
      let index = index(of: prefix)
      return Self.areEqual(places[index].prefix, prefix) ? places[index].hostID : nil
    }
    return id ?? nil
  }

  mutating func note(_ hostID: Int64, of url: WebURL) {
    _ = url.withOriginPrefix { prefix in
      let index = index(of: prefix)
      // In place: hosts that share one take turns.
      places[index].prefix.removeAll(keepingCapacity: true)
      places[index].prefix.append(contentsOf: prefix)
      places[index].hostID = hostID
    }
  }

  /// In one step, not byte by byte.
  private static func areEqual(_ known: [UInt8], _ prefix: UnsafeBufferPointer<UInt8>) -> Bool {
    known.withUnsafeBufferPointer { known in
      guard known.count == prefix.count, let left = known.baseAddress, let right = prefix.baseAddress else {
        return false
      }
      return memcmp(left, right, known.count) == 0
    }
  }

  /// FNV-1a. A site that makes two hosts share one place on purpose gains nothing but slower look-ups.
  private func index(of prefix: UnsafeBufferPointer<UInt8>) -> Int {
    var hash: UInt32 = 0x811C_9DC5
    for byte in prefix { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    return Int(truncatingIfNeeded: (hash >> 8 ^ hash) & 255)
  }
}
