import TestWeb
import Testing

@Suite struct SiteTests {
  @Test func everyPageIsReachableFromTheFirst() {
    let site = Site(hosts: 3, pages: 200)
    var reached: Set<Site.Place> = [.init(host: 0, target: "/")]
    var queue = Array(reached)
    while let place = queue.popLast() {
      guard let page = site.page(atTarget: place.target) else { continue }
      for next in site.outlinks(host: place.host, page: page) where next.host == 0 && reached.insert(next).inserted {
        queue.append(next)
      }
    }
    #expect(Set(reached.filter { !$0.target.hasPrefix("/private/") }.map(site.url)) == site.urls(ofHosts: [0]))
  }

  @Test func theGraphIsTheSameEachTimeAndDiffersBySeed() {
    var other = Site(hosts: 2, pages: 100)
    #expect(other.outlinks(host: 1, page: 7) == Site(hosts: 2, pages: 100).outlinks(host: 1, page: 7))
    #expect(other.html(host: 0, page: 3) == Site(hosts: 2, pages: 100).html(host: 0, page: 3))
    other.seed = 2
    #expect(other.outlinks(host: 1, page: 70) != Site(hosts: 2, pages: 100).outlinks(host: 1, page: 70))
  }

  @Test func urlsAreSerialisedAsTheStandardSays() {
    var site = Site(hosts: 1, pages: 2)
    #expect(site.url(host: 0, page: 0) == "http://h0.test/")
    site.port = 8080
    #expect(site.urls() == ["http://h0.test:8080/", "http://h0.test:8080/p/1"])
  }

  @Test(arguments: [
    ("h0.test", 0), ("h1.test", 1), ("h2.test", nil), ("h-1.test", nil), ("x0.test", nil), (".test", nil),
  ])
  func namesAreHosts(name: String, host: Int?) {
    #expect(Site(hosts: 2, pages: 1).host(named: name) == host)
  }

  @Test(arguments: [
    ("/", 0), ("/p/1", 1), ("/p/01", nil), ("/p/0", nil), ("/p/9", nil), ("/p/1?x", nil), ("/q/1", nil),
  ])
  func targetsArePages(target: String, page: Int?) {
    #expect(Site(hosts: 1, pages: 9).page(atTarget: target) == page)
  }

  @Test func crossLinksLeadToOtherHosts() {
    let site = Site(hosts: 3, pages: 10)
    let others = site.outlinks(host: 1, page: 4).map(\.host).filter { $0 != 1 }
    #expect(others.count == site.crossLinks)
    #expect(Site(hosts: 1, pages: 10).outlinks(host: 0, page: 4).allSatisfy { $0.host == 0 })
  }
}
