import Crawl
import Frontier
import Testing
import WebURL

struct RedirectTrailTests {
  private func entry(_ id: Int64, redirects: Int = 0, via: Int64? = nil) throws -> FrontierEntry {
    FrontierEntry(
      key: QueuePlace(priority: 1, depth: 0, id: id), taskID: 1, hostID: 1,
      url: try #require(WebURL("http://a.test/\(id)")), redirects: redirects, viaURLID: via)
  }

  @Test func stepsAreFoundAlongTheirChainAlone() throws {
    var trail = RedirectTrail()
    trail.note(RedirectTrail.Step(entry: try entry(1), fetchID: 1, cookies: "a=1"))
    trail.note(RedirectTrail.Step(entry: try entry(2, redirects: 1, via: 1), fetchID: 2, cookies: nil))
    let last = try entry(3, redirects: 2, via: 2)
    #expect(trail.step(at: 1, before: last)?.differs(from: "a=1") == false)
    #expect(trail.step(at: 1, before: last)?.differs(from: nil) == true)
    #expect(trail.step(at: 2, before: last)?.differs(from: nil) == false)
    #expect(trail.step(at: 3, before: last) == nil)
    // A link, no redirect, has led there.
    #expect(trail.step(at: 1, before: try entry(4, via: 1)) == nil)
  }

  @Test func theOldestStepsAreForgotten() throws {
    var trail = RedirectTrail()
    let behind = try entry(2, redirects: 1, via: 1)
    trail.note(RedirectTrail.Step(entry: try entry(1), fetchID: 1, cookies: nil))
    for id in 3...8_193 as ClosedRange<Int64> {
      trail.note(RedirectTrail.Step(entry: try entry(id), fetchID: id, cookies: nil))
    }
    #expect(trail.step(at: 1, before: behind) != nil)
    trail.note(RedirectTrail.Step(entry: try entry(8_194), fetchID: 8_194, cookies: nil))
    #expect(trail.step(at: 1, before: behind) == nil)
  }
}
