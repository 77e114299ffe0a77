import Frontier
import Testing
import WebURL

@Suite struct OfferTests {
  @Test(arguments: [
    ("http://other/", Scope.Kind.host, ExclusionReason.scope as ExclusionReason?),
    ("https://a.example.org/x", .host, nil),
    ("http://a.example.org:81/x", .host, .scope), ("http://b.example.org/", .domain, nil),
    ("http://example.com/", .domain, .scope), ("http://a.example.org/dir/x", .prefix, nil),
    ("http://a.example.org/other", .prefix, .scope), ("http://anything/", .any, nil),
    ("mailto:x@y", .any, .schemeRefused),
  ])
  func scope(url: String, kind: Scope.Kind, expected: ExclusionReason?) {
    var crawl = Crawl(Crawl.settings { $0.scope = kind })
    crawl.frontier.admit(seed: WebURL("http://a.example.org/dir/seed")!, task: 1)
    #expect(crawl.offer(url).exclusion == expected)
  }

  /// More hosts than are remembered by how their URLs begin, each come to again and again.
  @Test func aHostIsItselfAmongThousands() {
    var crawl = Crawl(Crawl.settings { $0.scope = .any })
    var ids: [String: Int64] = [:]
    for round in 0..<3 {
      for number in 0..<2_000 {
        for origin in ["http://h\(number)", "https://h\(number)", "http://h\(number):8080"] {
          let id = crawl.offer("\(origin)/\(round)").hostID
          #expect(id != nil && ids[origin] ?? id == id)
          ids[origin] = id
        }
      }
    }
    #expect(Set(ids.values).count == 6_000)
  }

  /// In DNS it is one name, and whoever answers it is asked once in a delay.
  @Test func aNameWithTheRootsDotIsTheSameHost() {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    for port in ["", ":81"] {
      let dotted = crawl.offer("http://a.test.\(port)/x")
      let plain = crawl.offer("http://a.test\(port)/x")
      #expect(dotted.hostID == plain.hostID && dotted.id != plain.id)
      let origin = "http://a.test\(port.isEmpty ? ":80" : port)"
      #expect(crawl.frontier.takeNewHosts().map(\.name) == ["a.test"])
      #expect(crawl.frontier.hostStatuses(now: crawl.now).last?.origin == origin)
      for place in ["a.test", "A.test."] {
        #expect(crawl.frontier.knownHosts(named: place + port).contains { $0.origin == origin }, "\(place + port)")
      }
    }
    #expect(crawl.next()?.url.href == "http://a.test/robots.txt")
    // As an earlier version has stored it.
    crawl.frontier.noteHost(id: 900, scheme: "http", name: "b.test.", port: 80)
    #expect(crawl.offer("http://b.test/").hostID == 900)
  }

  /// Without the dot they would be no host, or an address.
  @Test(arguments: ["http://.", "http://..", "http://a.test..", "http://1.2.3.4..", "http://999.1..:81"])
  func aNameWithMoreThanTheRootsDotStaysWhatItIs(place: String) {
    var crawl = Crawl(Crawl.settings { $0.obeysRobots = true })
    crawl.offer(place + "/x")
    #expect(crawl.next()?.url.href == place + "/robots.txt")
  }

  @Test func excludeWinsOverInclude() {
    var crawl = Crawl(
      Crawl.settings {
        $0.include = [Glob("http://a/docs/**")]
        $0.exclude = [Glob("**.pdf")]
      })
    #expect(crawl.offer("http://a/docs/x").isReady)
    #expect(crawl.offer("http://a/blog/x").exclusion == .include)
    #expect(crawl.offer("http://a/docs/x.pdf").exclusion == .exclude)
    #expect(crawl.offer("http://a/blog/seed.pdf", depth: 0, source: .seed).isReady)
  }

  @Test func aURLTooDeepIsReadyWhenOfferedHigher() {
    var crawl = Crawl(Crawl.settings { $0.maxDepth = 2 })
    let deep = crawl.offer("http://a/x", depth: 3)
    #expect(deep.exclusion == .depth)
    guard case .known = crawl.offer("http://a/x", depth: 4).change else {
      Issue.record("still too deep")
      return
    }
    let higher = crawl.offer("http://a/x", depth: 2)
    #expect(higher.id == deep.id && higher.isReady)
    #expect(crawl.drain() == ["/x"])
  }

  @Test func whereASeedRedirectsToIsReadyWhoeverHasNamedItBefore() {
    var crawl = Crawl(Crawl.settings { $0.scope = .host })
    crawl.frontier.admit(seed: WebURL("http://a/")!, task: 1)
    let linked = crawl.offer("http://b/")
    #expect(linked.exclusion == .scope)
    guard case .known = crawl.offer("http://b/", source: .redirect(redirects: 1)).change else {
      Issue.record("a page that is no seed redirects there")
      return
    }
    let end = crawl.offer("http://b/", depth: 0, source: .redirect(redirects: 1))
    #expect(end.isReady && end.id == linked.id && end.depth == 0)
    let (grows, again) = (
      crawl.frontier.admit(seed: WebURL("http://b/")!, task: 1),
      crawl.frontier.admit(seed: WebURL("http://b/x")!, task: 1)
    )
    #expect(grows && !again)
  }

  @Test func nofollowAndKindsAreLiftedByAnotherLink() {
    var crawl = Crawl(Crawl.settings())
    #expect(crawl.offer("http://a/x", source: .link(followed: true, nofollow: true)).exclusion == .nofollow)
    #expect(crawl.offer("http://a/y", source: .link(followed: false, nofollow: false)).exclusion == .follow)
    #expect(crawl.offer("http://a/x").isReady)
    #expect(crawl.offer("http://a/y").isReady)
  }

  @Test func sitemapsComeBeforePagesAndKeepTheirLevel() {
    var crawl = Crawl(Crawl.settings())
    crawl.offer("http://a/page")
    crawl.offer("http://a/3", sitemapLevel: 3)
    crawl.offer("http://a/1", sitemapLevel: 1)
    crawl.offer("http://a/moved", source: .redirect(redirects: 1), sitemapLevel: 2)
    crawl.offer("http://a/redirected", source: .redirect(redirects: 1))
    var levels: [Int?] = []
    var order: [String] = []
    while let entry = crawl.next() {
      order.append(entry.url.path)
      levels.append(entry.sitemapLevel)
      crawl.done(entry)
    }
    #expect(order == ["/redirected", "/1", "/moved", "/3", "/page"])
    #expect(levels == [nil, 1, 2, 3, nil])
  }

  @Test func aSitemapIsJudgedByTheScopeAndRevivedAsOne() {
    var crawl = Crawl(Crawl.settings())
    crawl.frontier.admit(seed: WebURL("http://a/")!, task: 1)
    #expect(crawl.offer("http://a/x", source: .link(followed: false, nofollow: false)).exclusion == .follow)
    let revived = crawl.offer("http://a/x", sitemapLevel: 1)
    #expect(revived.isReady && revived.priority == 2)
    var narrow = Crawl(Crawl.settings { $0.scope = .host })
    narrow.frontier.admit(seed: WebURL("http://a/")!, task: 1)
    #expect(narrow.offer("http://b/x", sitemapLevel: 1).exclusion == .scope)
  }

  @Test func anotherScopeTakesTheSeedsThatThereAre() {
    var scope = Scope(.host)
    for number in 0..<1_000 { scope.admit(seed: WebURL("http://www.example.org/docs/\(number)/index.html")!) }
    let urls = [
      "http://www.example.org/docs/999/a/b", "https://www.example.org/docs/7/", "http://www.example.org/docs/7",
      "http://www.example.org/docs/1000/", "http://example.org/docs/1/", "http://www.example.org:81/docs/1/",
      "http://elsewhere/docs/1/",
    ].map { WebURL($0)! }
    let expected: [(Scope.Kind, [Bool])] = [
      (.host, [true, true, true, true, false, false, false]),
      (.prefix, [true, true, false, false, false, false, false]),
      (.domain, [true, true, true, true, true, true, false]), (.any, Array(repeating: true, count: 7)),
    ]
    for (kind, inScope) in expected {
      scope.kind = kind
      #expect(urls.map(scope.contains) == inScope, "\(kind)")
      let again = scope.admit(seed: WebURL("http://www.example.org/docs/1/")!)
      #expect(!again)
    }
    scope.kind = .prefix
    let more = scope.admit(seed: WebURL("http://www.example.org/")!)
    #expect(more && scope.contains(urls[2]) && !scope.contains(urls[6]))
  }

  @Test func aDirectoryIsTheSameHoweverItIsPercentEncoded() {
    for seed in ["http://a/~u/カ/", "http://a/%7eu/%e3%82%ab/", "http://a/%7Eu/%E3%82%AB/x"] {
      var scope = Scope(.prefix)
      scope.admit(seed: WebURL(seed)!)
      for url in ["http://a/~u/%e3%82%ab/1", "http://a/%7Eu/カ/2/", "http://a/~u/%E3%82%AB/"] {
        #expect(scope.contains(WebURL(url)!), "\(seed) \(url)")
      }
      #expect(!scope.contains(WebURL("http://a/~u/%e3%82%aa/1")!) && !scope.contains(WebURL("http://a/~u/")!))
    }
  }

  /// The digits of percent-encoding are no numbers of the path.
  @Test func wordsThatAreNotASCIIHaveAPatternEach() {
    var crawl = Crawl(Crawl.settings { $0.patternBudget = 1 })
    for word in ["กขค", "งจฉ", "ชซฌ", "ทดส", "記事", "事記"] { #expect(crawl.offer("http://a/\(word)").isReady, "\(word)") }
    #expect(crawl.offer("http://a/記事7").isReady)
    #expect(crawl.offer("http://a/%e8%a8%98%E4%BA%8B23").exclusion == .patternBudget)
  }

  @Test(arguments: [
    ("http://a/" + String(repeating: "x", count: 2_100), ExclusionReason.trapLength),
    ("http://a/x/1/x/2/x/3/x", .trapRepeat), ("http://a/x/y/x/y/x/y", .trapRepeat),
    ("http://a/" + (1...65).map(String.init).joined(separator: "/"), .trapSegments),
  ])
  func traps(url: String, reason: ExclusionReason) {
    var crawl = Crawl(Crawl.settings())
    let linked = crawl.offer(url)
    #expect(linked.exclusion == reason)
    guard case .known = crawl.offer(url).change else {
      Issue.record("no link lets it in")
      return
    }
    let seed = crawl.offer(url, depth: 0, source: .seed)
    #expect(seed.isReady && seed.id == linked.id && seed.isNewSeed, "a user may ask for it")
    var open = Crawl(Crawl.settings { $0.traps = false })
    #expect(open.offer(url).isReady)
  }

  @Test func ordinaryPathsAreNoTraps() {
    var crawl = Crawl(Crawl.settings())
    for path in ["/a/b/a/b", "/x/x/x", "/doc/html/boost/doc/html", "/"] {
      #expect(crawl.offer("http://a\(path)").isReady, "\(path)")
    }
  }

  @Test func redirectsEnd() {
    var crawl = Crawl(Crawl.settings())
    #expect(crawl.offer("http://a/10", source: .redirect(redirects: 10)).isReady)
    #expect(crawl.offer("http://a/11", source: .redirect(redirects: 11)).exclusion == .redirectLimit)
    #expect(crawl.offer("http://a/11", depth: 0, source: .seed).isReady)
  }

  /// Pages go on linking to what eleven old moves lead to.
  @Test func whatTooLongAChainNamesIsReadyWhenSomethingElseDoes() {
    var crawl = Crawl(Crawl.settings { $0.maxDepth = 5 })
    for url in ["http://a/linked", "http://a/moved", "http://a/image"] {
      #expect(crawl.offer(url, source: .redirect(redirects: 11)).exclusion == .redirectLimit)
      guard case .known = crawl.offer(url, source: .redirect(redirects: 12)).change else {
        Issue.record("another chain that is too long changes nothing")
        return
      }
    }
    let linked = crawl.offer("http://a/linked")
    #expect(linked.isReady && linked.redirects == 0)
    #expect(crawl.offer("http://a/moved", source: .redirect(redirects: 10)).isReady)
    #expect(crawl.offer("http://a/image", source: .link(followed: false, nofollow: false)).exclusion == .follow)
    // A chain that is too long says nothing of what is excluded otherwise.
    guard case .known = crawl.offer("http://a/image", source: .redirect(redirects: 11)).change else {
      Issue.record("a chain that is too long changes nothing")
      return
    }
    #expect(crawl.offer("http://a/image").isReady)
    #expect(SeenSet.Standing(excludedFor: "redirect_limit") == .excludedForRedirects, "as after a restart")
  }

  @Test func budgets() {
    var crawl = Crawl(
      Crawl.settings {
        $0.hostBudget = 4
        $0.patternBudget = 2
      })
    #expect(crawl.offer("http://a/item/1").isReady)
    #expect(crawl.offer("http://a/item/2").isReady)
    #expect(crawl.offer("http://a/item/3").exclusion == .patternBudget)
    #expect(crawl.offer("http://a/about").isReady)
    #expect(crawl.offer("http://a/contact").isReady)
    #expect(crawl.offer("http://a/help").exclusion == .hostBudget)
    #expect(crawl.offer("http://b/help").isReady)
  }

  /// As in `/p1`, `/p2`, `/p10`; letters alone are no number.
  @Test func digitsAmongLettersAreFoldedInPatterns() {
    var crawl = Crawl(Crawl.settings { $0.patternBudget = 1 })
    #expect(crawl.offer("http://a/p1").isReady)
    for path in ["p2", "p10", "p347"] { #expect(crawl.offer("http://a/\(path)").exclusion == .patternBudget) }
    #expect(crawl.offer("http://a/p").isReady && crawl.offer("http://a/q1").isReady)
    #expect(crawl.offer("http://a/page12of30").isReady)
    #expect(crawl.offer("http://a/page3of4").exclusion == .patternBudget)
    #expect(crawl.offer("http://a/face").isReady && crawl.offer("http://a/cafe").isReady)
  }

  @Test func whatARuleHasExcludedIsJudgedByTheRulesOfNow() {
    var settings = Crawl.settings { $0.maxDepth = 1 }
    var crawl = Crawl(settings)
    let first = crawl.offer("http://a/deep", depth: 2)
    #expect(first.exclusion == .depth)
    // The row is as it is.
    guard case .known = crawl.offer("http://a/deep", depth: 2, excludedFor: .depth).change else {
      Issue.record("the rule has not changed")
      return
    }
    settings.maxDepth = nil
    settings.exclude = [Glob("**/deep")]
    crawl.frontier.update(settings, task: 1, now: crawl.now)
    let other = crawl.offer("http://a/deep", depth: 2, excludedFor: .depth)
    #expect(other.id == first.id && other.exclusion == .exclude)
    settings.exclude = []
    crawl.frontier.update(settings, task: 1, now: crawl.now)
    let last = crawl.offer("http://a/deep", depth: 2, excludedFor: .exclude)
    #expect(last.id == first.id && last.isReady)
    #expect(!crawl.offer("http://a/deep", depth: 2, excludedFor: .exclude).isReady, "it was let in since")
    #expect(!crawl.offer("http://a/unknown", depth: 2, excludedFor: .exclude).isReady, "no row says so")
    #expect(crawl.drain() == ["/deep"])
  }

  /// How else it is named is being looked at; meanwhile a page names it.
  @Test func whatIsLeftOpenIsLetInOnceByWhatNamesItBetter() {
    var crawl = Crawl(Crawl.settings { $0.exclude = [Glob("**/x*")] })
    let urls = ["http://a/x1", "http://a/x2", "http://a/x3"]
    for url in urls { #expect(crawl.offer(url).exclusion == .exclude) }
    crawl.frontier.update(Crawl.settings { $0.maxDepth = 2 }, task: 1, now: crawl.now)
    let image = Offer.Source.link(followed: false, nofollow: false)
    for url in urls {
      var offer = Offer(url: WebURL(url)!, source: image, depth: 1, viaURLID: 7)
      (offer.excludedFor, offer.isOneOfSeveral) = (.exclude, true)
      let result = crawl.frontier.offer(offer, task: 1, now: crawl.now, sequence: nil)
      guard result.isLeftOpen, case .known = result.change else {
        Issue.record("its row is as it was")
        return
      }
    }
    #expect(crawl.offer(urls[0]).isReady)
    #expect(!crawl.offer(urls[0], excludedFor: .exclude).isReady, "it was let in since")
    #expect(crawl.offer(urls[1], depth: 3).exclusion == .depth, "too deep by that link")
    #expect(crawl.offer(urls[1], excludedFor: .exclude).isReady)
    #expect(crawl.offer(urls[2], source: image, excludedFor: .exclude).exclusion == .follow)
    #expect(crawl.offer(urls[2]).isReady)
    #expect(crawl.drain() == ["/x1", "/x2", "/x3"])
  }

  /// Narrower rules exclude what waits when it comes up, whether it was tried before or not.
  @Test(arguments: [0, 1]) func whatWasExcludedWhenItCameUpIsLetInAgain(attempts: Int) {
    var settings = Crawl.settings { $0.hostBudget = 1 }
    var crawl = Crawl(settings)
    crawl.offer("http://a/x")
    if attempts > 0 {
      // It is delayed, and becomes ready again.
      var entry = crawl.next()!
      crawl.done(entry)
      entry.attempts = attempts
      crawl.frontier.enqueueStored(entry, now: crawl.now)
    }
    settings.exclude = [Glob("**/x")]
    crawl.frontier.update(settings, task: 1, now: crawl.now)
    #expect(crawl.next() == nil)
    for excluded in crawl.frontier.takeExcluded() {
      let (entry, reason) = (excluded.entry, excluded.reason)
      #expect(reason == .exclude)
      crawl.sequence += 1
      crawl.frontier.finish(entry, sequence: crawl.sequence, isFinalAnswer: false, wasStarted: false)
    }
    crawl.frontier.committed(through: crawl.sequence)
    settings.exclude = []
    crawl.frontier.update(settings, task: 1, now: crawl.now)
    #expect(crawl.offer("http://a/x", excludedFor: .exclude).isReady)
    #expect(crawl.drain() == ["/x"])
  }

  @Test func whatRepeatsInAPathIsNamed() {
    #expect(Frontier.repetition(in: WebURL("http://h/a/b/a/c/a/d/a")!) == "“a” 4 times")
    #expect(Frontier.repetition(in: WebURL("http://h/x/a/b/a/b/a/b")!) == "“a/b” 3 times in a row")
    #expect(Frontier.repetition(in: WebURL("http://h/a/b/a/b/a/c")!) == nil)
  }

  @Test func whatDoesNotParseIsARowOnce() {
    let crawl = Crawl(Crawl.settings())
    let first = crawl.frontier.offerInvalid("http://[", depth: 2, task: 1)
    #expect(first.exclusion == .urlInvalid && first.depth == 2)
    guard case .known = crawl.frontier.offerInvalid("http://[", depth: 2, task: 1).change else {
      Issue.record("the same text is one row")
      return
    }
  }

  /// What a look-up answers alone, an offer would not have changed.
  @Test func whatIsSettledIsFoundWithoutAnOffer() {
    var crawl = Crawl(Crawl.settings { $0.maxDepth = 1 })
    let ready = crawl.offer("http://a/x?a=%41")
    let deep = crawl.offer("http://a/deep", depth: 2)
    let settled = crawl.frontier.settledURLs(task: 1)
    #expect(settled.id(of: WebURL("http://a/x?a=A#part")!) == ready.id)
    #expect(settled.id(of: WebURL("http://a/deep")!) == nil, "a link from above lets it in")
    #expect(settled.id(of: WebURL("http://a/unknown")!) == nil)
    #expect(crawl.offer("http://a/deep").isReady)
    #expect(settled.id(of: WebURL("http://a/deep")!) == deep.id)
  }

  @Test func veryManyHostsAreKnownByName() {
    let crawl = Crawl(Crawl.settings())
    for id in 1...5_000 { crawl.frontier.noteHost(id: Int64(id), scheme: "http", name: "h\(id % 2_500)", port: id) }
    #expect(crawl.frontier.knownHosts(named: "h7").map(\.id) == [7, 2_507])
    #expect(crawl.frontier.knownHosts(named: "http://h7:2507").map(\.origin) == ["http://h7:2507"])
  }

  /// To find the ASCII form of so long a name takes seconds, and no host has it.
  @Test func aPlaceThatIsTooLongForAHostIsNone() {
    let crawl = Crawl()
    for label in ["a.", "1.", "é."] {
      let name = String(repeating: label, count: 200_000)
      #expect(crawl.frontier.meetHosts(named: name).isEmpty)
      #expect(crawl.frontier.meetHosts(named: "http://" + name).isEmpty)
      #expect(crawl.frontier.knownHosts(named: name).isEmpty)
      #expect(Frontier.asStored(name) == name)
      for text in ["http://\(name)/", "http:\\\\\(name)", "//\(name)", name] { #expect(Frontier.typedURL(text) == nil) }
    }
    #expect(crawl.frontier.takeNewHosts().isEmpty)
    let path = String(repeating: "a.", count: 200_000)
    for text in ["http://h/\(path)", "http:\\h\\\(path)", "http://h?\(path)", "http://h#\(path)"] {
      #expect(Frontier.typedURL(text)?.hostName == "h")
    }
  }
}
