import Frontier
import Testing
import WebURL

/// URLs that handlers drop.
@Suite struct HandlerTests {
  /// Whatever may let it in, its row stays as it is, and no budget counts it.
  @Test func whatHandlersAreToBeAskedOfWaits() {
    var crawl = Crawl(Crawl.settings { $0.hostBudget = 1 })
    let image = Offer.Source.link(followed: false, nofollow: false)
    #expect(crawl.offer("http://a/x", source: image).exclusion == .follow)
    for (source, isUnasked) in [(image, false), (.link(followed: true, nofollow: false), true)] {
      var offer = Offer(url: WebURL("http://a/x")!, source: source, depth: 1, viaURLID: 7)
      (offer.excludedFor, offer.isUnasked) = (.follow, true)
      let result = crawl.frontier.offer(offer, task: 1, now: crawl.now, sequence: nil)
      guard result.isUnasked == isUnasked, case .known = result.change else {
        Issue.record("its row is as it was")
        return
      }
    }
    #expect(crawl.offer("http://a/x", excludedFor: .follow, isDropped: true).exclusion == .handler)
    #expect(crawl.offer("http://a/x", excludedFor: .handler).isReady)
    #expect(crawl.drain() == ["/x"])
  }

  /// Whichever page is read first: handlers are told on which page a URL was found.
  @Test(arguments: [false, true]) func whatAHandlerDropsIsReadyWhenItIsKeptElsewhere(isRestored: Bool) {
    var crawl = Crawl(Crawl.settings { $0.maxDepth = 5 })
    let url = "http://a/x"
    var dropped = crawl.offer(url, isDropped: true)
    #expect(dropped.exclusion == .handler)
    if isRestored {
      let settings = Crawl.settings { $0.maxDepth = 5 }
      crawl = Crawl(settings)
      let fingerprint = crawl.frontier.fingerprint(of: WebURL(url)!, settings.canonicalPolicy)
      crawl.frontier.noteKnown(
        fingerprint, id: dropped.id, standing: SeenSet.Standing(excludedFor: "handler"), task: 1)
    }
    for (source, isDropped) in [
      (Offer.Source.link(followed: true, nofollow: false), true), (.link(followed: false, nofollow: false), false),
    ] {
      guard case .known = crawl.offer(url, source: source, isDropped: isDropped).change else {
        Issue.record("dropped again, or not asked of")
        return
      }
    }
    // By that link the handler keeps it, and another rule does not.
    dropped = crawl.offer(url, source: .link(followed: true, nofollow: true))
    #expect(dropped.exclusion == .nofollow && dropped.isDroppedNoMore)
    #expect(crawl.offer(url, isDropped: true).exclusion == .handler)
    let kept = crawl.offer(url)
    #expect(kept.isReady && kept.isDroppedNoMore && kept.id == dropped.id)
    #expect(crawl.drain() == ["/x"])
  }
}
