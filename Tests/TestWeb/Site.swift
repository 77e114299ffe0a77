/// The site that the test web generates: a graph of pages that anybody can compute without asking the server.
///
/// Host k is called `h<k>.test`. Page 0 of a host is `/`, page i is `/p/<i>`. Each page links to its children in a tree
/// (so every page is reachable from `/`), back to earlier pages (so a crawler without a seen set never ends), to the
/// same site on other hosts, and to `/private/<i>`, which robots.txt forbids. The same target is spelled in several
/// ways (relative, with dot segments, with a fragment, with the host in capitals), all of them one URL.
package struct Site: Sendable, Hashable {
  /// Hosts that share the graph.
  package var hosts: Int
  /// Pages on each host, at least 1.
  package var pages: Int
  /// Children of a page in the tree.
  package var fanOut = 8
  /// Links of a page to pages with a smaller or equal number.
  package var backLinks = 5
  /// Links of a page to other hosts.
  package var crossLinks = 2
  /// Bytes of text in a page beside its links.
  package var filler = 400
  package var seed: UInt64 = 1
  /// The port that the server listens on; part of every URL.
  package var port: UInt16 = 80
  /// Whether pages have validators, so that who has one may ask whether it is still that.
  package var isVersioned = false
  /// Pages that say something else than at first.
  package var revised: Set<Int> = []
  /// Pages that are not there any more, although others link to them.
  package var gone: Set<Int> = []
  /// Whether pages link to each other; if not, only the sitemaps name them.
  package var isLinked = true

  package init(hosts: Int = 1, pages: Int = 50) {
    precondition(hosts > 0 && pages > 0, "a site has at least one host and one page")
    self.hosts = hosts
    self.pages = pages
  }

  package struct Place: Sendable, Hashable {
    package var host: Int
    package var target: String

    package init(host: Int, target: String) {
      self.host = host
      self.target = target
    }
  }

  package func name(ofHost host: Int) -> String { "h\(host).test" }

  package func host(named name: String) -> Int? {
    guard name.hasPrefix("h"), name.hasSuffix(".test"), name.utf8.count > 6 else { return nil }
    return Int(name.dropFirst().dropLast(5)).flatMap { $0 >= 0 && $0 < hosts ? $0 : nil }
  }

  package func target(ofPage page: Int) -> String { page == 0 ? "/" : "/p/\(page)" }

  package func page(atTarget target: some StringProtocol) -> Int? {
    if target == "/" { return 0 }
    guard target.hasPrefix("/p/"), let page = Int(target.dropFirst(3)), page > 0, page < pages else { return nil }
    return "\(page)" == target.dropFirst(3) ? page : nil
  }

  /// The URL as the WHATWG standard serialises it (so without the port 80).
  package func url(_ place: Place) -> String {
    "http://\(name(ofHost: place.host))\(port == 80 ? "" : ":\(port)")\(place.target)"
  }

  package func url(host: Int, page: Int) -> String { url(Place(host: host, target: target(ofPage: page))) }

  /// Where page `page` of host `host` leads, in document order, duplicates included.
  package func outlinks(host: Int, page: Int) -> [Place] {
    var places: [Place] = []
    places.reserveCapacity(fanOut + backLinks + crossLinks + 1)
    let forbidden = Place(host: host, target: "/private/\(page)")
    if !isLinked { return [forbidden] }
    for child in 0..<fanOut {
      let number = page * fanOut + 1 + child
      if number < pages { places.append(Place(host: host, target: target(ofPage: number))) }
    }
    let numbers = SeededNumbers(seed: seed &+ UInt64(host) &* 1_000_003 &+ UInt64(page))
    for back in 0..<backLinks {
      places.append(Place(host: host, target: target(ofPage: numbers.draw(UInt64(back), below: page + 1))))
    }
    if hosts > 1 {
      for cross in 0..<crossLinks {
        let other = (host + 1 + numbers.draw(1_000 + UInt64(cross), below: hosts - 1)) % hosts
        places.append(Place(host: other, target: target(ofPage: page)))
      }
    }
    places.append(forbidden)
    return places
  }

  /// Every page of the given hosts (all of them when nil): what a complete crawl fetches.
  package func urls(ofHosts wanted: [Int]? = nil) -> Set<String> {
    var urls: Set<String> = []
    for host in wanted ?? Array(0..<hosts) {
      for page in 0..<pages { urls.insert(url(host: host, page: page)) }
    }
    return urls
  }
}
