import EventLoop
import TestWeb

extension MixedCrawl {
  /// A task of the crawl, and whose hosts it crawls.
  struct Plan: Sendable {
    var name: String
    var delay: Int
    var concurrency: Int
    /// What `crawlctl set` may choose from.
    var delays: [Int] = []
    var concurrencies: [Int] = []
    /// Its place among the kinds of hosts.
    var kind: Int
  }

  /// Every task has hosts of its own, but for the pair, whose two tasks crawl the same ones by one clock.
  static let plans = [
    Plan(name: "swift", delay: 0, concurrency: 3, delays: [0, 100, 250], concurrencies: [1, 2, 3, 5], kind: 0),
    Plan(name: "slow", delay: 300, concurrency: 1, delays: [200, 300, 450], concurrencies: [1], kind: 1),
    Plan(name: "pair1", delay: 150, concurrency: 2, kind: 2),
    Plan(name: "pair2", delay: 150, concurrency: 2, kind: 2),
    Plan(name: "even", delay: 100, concurrency: 2, delays: [50, 100, 200], concurrencies: [1, 2, 4], kind: 3),
  ]

  /// What a host asks of its guests.
  enum Manner: Int, CaseIterable, Sendable {
    /// A robots.txt that forbids some pages.
    case plain
    /// A Crawl-delay beside.
    case slow
    /// Some pages answer 429 or 503 with a Retry-After before they answer.
    case limiting
    /// robots.txt does so.
    case late
    /// All is forbidden.
    case closed
  }

  static let crawlDelay = 800
  static let retryAfter = 2

  static func hosts(of plan: Plan, in site: Site) -> [Int] { (0..<site.hosts).filter { $0 % 4 == plan.kind } }

  static func manner(ofHost host: Int) -> Manner { Manner.allCases[host % Manner.allCases.count] }

  /// The prefixes that a host's robots.txt forbids.
  static func forbidden(onHost host: Int) -> [String] {
    switch manner(ofHost: host) {
    case .plain: ["/private/", "/p/2"]
    case .slow, .limiting, .late: ["/private/"]
    case .closed: ["/"]
    }
  }

  private static func robots(ofHost host: Int) -> String {
    let rules = forbidden(onHost: host).map { "Disallow: \($0)\n" }.joined()
    let delay = manner(ofHost: host) == .slow ? "Crawl-delay: 0.\(crawlDelay / 100)\n" : ""
    return "User-agent: *\n\(rules)\(delay)"
  }

  private static func isLimited(_ page: Int) -> Bool { page % 4 == 1 }

  /// The answers of these hosts: each page is open for a while, so that those that are open at one time can be counted.
  static func script(_ site: Site, open: Duration) -> TestWeb.Script {
    { name, target, visit in
      guard let host = site.host(named: name) else { return nil }
      let later = ["Retry-After: \(retryAfter)", "Content-Type: text/plain"]
      if target == "/robots.txt" {
        if manner(ofHost: host) == .late, visit == 1 { return [.send(Response(status: 503, fields: later))] }
        return [.send(Response.text(robots(ofHost: host)))]
      }
      guard let page = site.page(atTarget: target) else { return nil }
      if manner(ofHost: host) == .limiting, isLimited(page), visit == 1 {
        return [.send(Response(status: page % 8 == 1 ? 429 : 503, fields: later))]
      }
      let bytes = Response.html(site.html(host: host, page: page)).serialised()
      return [.send(Array(bytes.dropLast())), .trickle(Array(bytes.suffix(1)), every: open)]
    }
  }

  /// The pages that a task of these hosts comes to: what can be reached from their first pages and is not forbidden.
  static func reachable(_ site: Site, hosts: [Int]) -> Set<Site.Place> {
    let isAllowed = { (place: Site.Place) in
      hosts.contains(place.host) && !forbidden(onHost: place.host).contains { place.target.hasPrefix($0) }
    }
    var reached = Set(hosts.map { Site.Place(host: $0, target: "/") }.filter(isAllowed))
    var left = Array(reached)
    while let place = left.popLast() {
      guard let page = site.page(atTarget: place.target) else { continue }
      for next in site.outlinks(host: place.host, page: page) where isAllowed(next) && reached.insert(next).inserted {
        left.append(next)
      }
    }
    return reached
  }
}
