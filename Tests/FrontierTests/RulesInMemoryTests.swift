import Frontier
import Politeness
import Testing
import WebURL

/// The bound of the memory that rules of robots.txt files take.
@Suite struct RulesInMemoryTests {
  private static let rules = RobotsRules.parse(
    Array(("User-agent: *\n" + (0..<100).map { "Disallow: /private/\($0)\n" }.joined()).utf8), productToken: "crawld")

  /// A crawl that has room for the rules of so many hosts.
  private func crawl(room: Int, reader: Int = 0, hosts: Int = 20_000) -> Crawl {
    var limits = FrontierLimits()
    limits.rulesBytes = room * Self.rules.byteCount
    limits.maxActiveHosts = hosts
    return Crawl(
      Crawl.settings {
        $0.obeysRobots = true
        $0.robotsReader = reader
      }, limits: limits)
  }

  /// Does all that may be done now but read rows.
  /// - Returns: the pages that were visited, and how many robots.txt files were.
  private func visit(_ crawl: inout Crawl, reader: Int = 0) -> (pages: [String], robots: Int) {
    var (pages, robots): ([String], Int) = ([], 0)
    while let entry = crawl.next() {
      crawl.done(entry)
      if entry.kind == .url { pages.append("\(entry.url.hostName ?? "")\(entry.url.path)") }
      guard entry.kind == .robots else { continue }
      robots += 1
      crawl.frontier.robotsFetched(hostID: entry.hostID, .rules(Self.rules), reader: reader, now: crawl.now)
      #expect(crawl.frontier.rulesBytes <= max(crawl.frontier.limits.rulesBytes, Self.rules.byteCount))
    }
    return (pages, robots)
  }

  @Test func rulesBeyondTheBoundAreGivenUpAndReadAgain() throws {
    var crawl = crawl(room: 3)
    var ids: [Int64] = []
    for host in 1...5 {
      let id = try #require(crawl.offer("http://h\(host)/1").hostID)
      ids.append(id)
      let visited = visit(&crawl)
      #expect(visited.pages == ["h\(host)/1"] && visited.robots == 1)
    }
    #expect(crawl.frontier.rulesBytes == crawl.frontier.limits.rulesBytes)
    #expect(crawl.frontier.hostStatuses(now: crawl.now).allSatisfy { $0.robots == "known" })
    crawl.offer("http://h5/2")
    #expect(visit(&crawl).pages == ["h5/2"], "it has kept its rules")
    for path in ["2", "private/7"] { crawl.offer("http://h1/\(path)") }
    #expect(visit(&crawl).pages == [])
    #expect(crawl.frontier.nextRobotsRead(now: crawl.now) == ids[0])
    crawl.frontier.endRobotsRead(hostID: ids[0], .rules(Self.rules), now: crawl.now)
    let visited = visit(&crawl)
    #expect(visited.pages == ["h1/2"] && visited.robots == 0)
    #expect(crawl.frontier.takeExcluded().map(\.entry.url.path) == ["/private/7"])
    #expect(crawl.frontier.rulesBytes == crawl.frontier.limits.rulesBytes)
  }

  /// Each host takes the room of the others, and has its turn nevertheless.
  @Test(arguments: [0, 1, 2]) func allGoesOnHoweverLittleRoomThereIs(room: Int) {
    var crawl = crawl(room: room)
    for page in 1...6 {
      for host in 1...4 {
        crawl.offer("http://h\(host)/\(page)")
        crawl.offer("http://h\(host)/private/\(page)")
      }
    }
    var (pages, robots, reads): (Set<String>, Int, Int) = ([], 0, 0)
    while reads < 1_000 {
      let visited = visit(&crawl)
      pages.formUnion(visited.pages)
      robots += visited.robots
      guard let hostID = crawl.frontier.nextRobotsRead(now: crawl.now) else { break }
      crawl.frontier.endRobotsRead(hostID: hostID, .rules(Self.rules), now: crawl.now)
      #expect(crawl.frontier.rulesBytes <= max(room, 1) * Self.rules.byteCount)
      reads += 1
    }
    #expect(pages.count == 24 && robots == 4 && reads < 100, "\(pages.count) pages, \(robots) files, \(reads) reads")
    #expect(crawl.frontier.takeExcluded().count == 24)
  }

  /// No row has what other readers get.
  @Test func otherReadersFetchWhatTheyHaveGivenUp() {
    var crawl = crawl(room: 1, reader: 7)
    for host in 1...2 {
      crawl.offer("http://h\(host)/1")
      #expect(visit(&crawl, reader: 7).robots == 1)
    }
    crawl.offer("http://h2/2")
    #expect(visit(&crawl, reader: 7).robots == 0)
    crawl.offer("http://h1/2")
    let again = visit(&crawl, reader: 7)
    #expect(again.robots == 1 && again.pages == ["h1/2"] && !crawl.frontier.wantsRobotsRead)
  }

  @Test func aHostThatGivesWayTakesItsRulesAlong() {
    var crawl = crawl(room: 10, hosts: 1)
    for host in 1...100 {
      crawl.offer("http://h\(host)/1")
      #expect(visit(&crawl).robots == 1)
      #expect(crawl.frontier.rulesBytes == Self.rules.byteCount)
    }
  }

  @Test func whatTheyAskForHoldsWhenTheyAreGivenUp() throws {
    let slow = "User-agent: *\nCrawl-delay: 20\n" + (0..<100).map { "Disallow: /private/\($0)\n" }.joined()
    var crawl = crawl(room: 1)
    crawl.offer("http://h1/1")
    crawl.offer("http://h1/2")
    let next = crawl.next()
    let robots = try #require(next)
    crawl.done(robots)
    let rules = RobotsRules.parse(Array(slow.utf8), productToken: "crawld")
    crawl.frontier.robotsFetched(hostID: robots.hostID, .rules(rules), now: crawl.now)
    crawl.offer("http://h2/1")
    #expect(visit(&crawl).robots == 1)
    for isRunning in [false, true] { crawl.frontier.setRunning(isRunning, task: 1, now: crawl.now) }
    crawl.now += 20_000_000
    #expect(crawl.next() == nil && crawl.frontier.nextRobotsRead(now: crawl.now) == robots.hostID, "they were given up")
    let delays = crawl.frontier.hostStatuses(now: crawl.now).filter { $0.id == robots.hostID }.map(\.effectiveDelay)
    #expect(delays == [20_000_000])
  }
}
