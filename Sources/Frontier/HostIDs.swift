/// The ids of hosts by their origins, in parts: a table of a million hosts would move all of them when it grows, which takes a
/// tenth of a second, and here one part at a time does.
struct HostIDs {
  private var parts = [[String: Int64]](repeating: [:], count: 256)

  subscript(origin: String) -> Int64? {
    get { parts[Self.part(of: origin)][origin] }
    set { parts[Self.part(of: origin)][origin] = newValue }
  }

  /// All that match. O(hosts).
  func filter(_ matches: (_ origin: String) -> Bool) -> [(id: Int64, origin: String)] {
    parts.flatMap { part in part.filter { matches($0.key) }.map { ($0.value, $0.key) } }
  }

  private static func part(of origin: String) -> Int { origin.hashValue & 255 }
}
