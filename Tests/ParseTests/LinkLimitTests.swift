import Parse
import Testing
import WebURL

/// Pages with more links than are kept.
struct LinkLimitTests {
  private func limits(_ count: Int) -> ParseLimits {
    var limits = ParseLimits()
    limits.links = count
    return limits
  }

  private func counts(_ page: Page) -> [String] { page.links.map { "\($0.url?.path ?? $0.value) \($0.count)" } }

  /// As in the contents of a manual, which name each of its pages many times.
  @Test func linksThatRepeatOthersAreCounted() {
    let list = (0..<900).map { "<a href='\($0 % 300).html#\($0)'>t</a>" }.joined()
    let page = read(list + "<a href=last.html>t</a><a href=0.html>t</a>", limits: limits(301))
    #expect(!page.linksTruncated && Set(page.links.map(\.url)).count == 301)
    #expect(page.links.reduce(0) { $0 + $1.count } == 902)
    #expect(page.links.allSatisfy { $0.repeats.map { page.links[$0].repeats == nil } ?? true })
    let cut = read(list + "<a href=last.html>t</a><a href=0.html>t</a><a href=more.html>", limits: limits(301))
    #expect(cut.linksTruncated && cut.links.count == page.links.count)
  }

  @Test(arguments: [true, false])
  func linksRepeatOthersOfTheirKindRelAndTarget(keepsValues: Bool) {
    var limits = limits(4)
    limits.keepsValues = keepsValues
    let first = "<a href=x>t</a><a href=./x#part>t</a><img src=x><a href='http://['>t</a>"
    let page = read(
      first + "<a href=x>t</a><img srcset='./x 2x, x 1x'><a href='http://['>t</a><a href=../dir/x>", limits: limits)
    #expect(counts(page) == ["/dir/x 3", "/dir/x 1", "/dir/x 3", "http://[ 2"] && !page.linksTruncated)
    // These three differ; there is room for one.
    let more = read(first + "<a href=x rel=next>t</a><a href=y>t</a><a href=x rel=next>t</a>", limits: limits)
    #expect(counts(more) == ["/dir/x 1", "/dir/x 1", "/dir/x 1", "http://[ 1", "/dir/x 2"] && more.linksTruncated)
  }

  @Test func aCandidateThatRepeatsALinkDoesNotHideTheNext() {
    let text = "<img src=x><img srcset='x 1x, y 2x'>"
    let cut = read(text, limits: limits(1))
    #expect(counts(cut) == ["/dir/x 2"] && cut.linksTruncated)
    #expect(counts(read(text, limits: limits(2))) == ["/dir/x 1", "/dir/x 1", "/dir/y 1"])
  }

  @Test func whatStandsBeforeAFragmentIsNoEnd() {
    let page = read("<img srcset='x\u{1C}#part'>")
    #expect(page.links.map { $0.url?.path } == ["/dir/x%1C"])
  }

  @Test func aLaterBaseHoldsForLinksBeyondTheLimit() {
    let page = read(
      "<a href=x>t</a><a href=x>t</a><a href=x>t</a><base href=/b/><a href=x>t</a><a href=/dir/x>", limits: limits(2))
    #expect(counts(page) == ["/b/x 3", "/b/x 1", "/b/ 1"] && page.linksTruncated)
  }

  @Test func aLongFragmentDoesNotCostTheURL() {
    let fragment = String(repeating: "f", count: 20_000)
    let page = read(
      "<a href='x#\(fragment)'>t</a><a href='#\(fragment)'>t</a><a href='\(fragment)'>t</a><base href=/b/>")
    #expect(page.links.map { $0.url?.path } == ["/b/x", "/b/", nil, "/b/"])
    #expect(page.links.allSatisfy { $0.value.utf8.count <= ParseLimits().valueBytes })
  }

  /// Whoever makes URLs long does not have them joined without end.
  @Test func repeatedLinksWithALongBaseEnd() {
    let base = "<base href='/\(String(repeating: "b", count: 10_000))/'>"
    let list = (0..<20_000).map { "<a href=\($0 % 900)#\($0)>t</a>" }.joined()
    #expect(read(base + list, limits: limits(900)).linksTruncated)
  }
}
