/// The ids of hosts by their origins, in parts. One table of a million hosts would move all of them when it grows, which
/// takes a tenth of a second; here only one part at a time does.
struct HostIDs {
  private var parts = [[String: Int64]](repeating: [:], count: 256)
  /// The origins with other than their schemes' usual ports, by name.
  private var unusual: [String: [String]] = [:]

  subscript(origin: String) -> Int64? { parts[Self.part(of: origin)][origin] }

  /// Notes a host, unless its origin is there already.
  mutating func insert(_ id: Int64, scheme: String, name: String, port: Int) {
    let origin = "\(scheme)://\(name):\(port)"
    let part = Self.part(of: origin)
    guard parts[part][origin] == nil else { return }
    parts[part][origin] = id
    if port != (scheme == "https" ? 443 : 80) { unusual[name, default: []].append(origin) }
  }

  /// Those that a place means (`Frontier.means`), by id. Cost: as many look-ups as it has unusual ports, and six.
  func hosts(named place: String) -> [(id: Int64, origin: String)] {
    var origins = [place, "http://" + place, "https://" + place, "http://\(place):80", "https://\(place):443"]
    origins += unusual[place] ?? []
    return origins.compactMap { origin in self[origin].map { (id: $0, origin: origin) } }.sorted { $0.id < $1.id }
  }

  private static func part(of origin: String) -> Int { origin.hashValue & 255 }
}
