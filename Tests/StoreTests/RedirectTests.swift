import Store
import Testing

/// Which redirects are errors and broken links.
@Suite struct RedirectTests {
  /// A redirect of URL `id` to URL `target`, or to a URL with that reason which is found by it.
  private static func hop(
    from id: Int64, to target: Int64, _ location: String, found reason: String? = nil
  ) -> VisitRecord {
    var counters = CounterDelta()
    counters.move(from: .ready, to: .done)
    var fetch = FetchRecord(
      id: id, urlID: id, hostID: 1, taskID: 1, runID: 1, startedAt: 5, status: 302, outcome: "redirected")
    fetch.redirectTo = location
    counters.count(fetch)
    if reason != nil { counters.discover(in: .excluded, isSeed: false) }
    return VisitRecord(
      taskID: 1, discovered: reason.map { [.sample(target, state: .excluded, reason: $0, via: id)] } ?? [],
      updates: [URLUpdate(id: id, state: .done, reason: "redirected", attempts: 1)], fetches: [fetch],
      pageURLID: id, links: [LinkRecord(targetURLID: target, kind: "redirect")], counters: counters)
  }

  /// A page links to URLs 2 to 9: to one that redirects to itself, to a loop of two, to a way into it, to no http URL, to a way
  /// there, and to two of which nothing bad is known: one is out of scope, the other to be fetched yet.
  @Test func redirectsThatLeadNowhereAreErrorsAndBrokenLinks() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(.page(1, links: [2, 3, 4, 5, 6, 7, 8, 9, 10]))
      for visit in [
        Self.hop(from: 2, to: 2, "/2"), Self.hop(from: 3, to: 4, "/4"), Self.hop(from: 4, to: 3, "/3"),
        Self.hop(from: 5, to: 3, "/3"), Self.hop(from: 6, to: 16, "mailto:a@b", found: "scheme_refused"),
        Self.hop(from: 7, to: 6, "/6"), Self.hop(from: 8, to: 18, "http://other/", found: "scope"),
        Self.hop(from: 9, to: 10, "/10"),
      ] { store.append(visit) }
      store.append(.discovering([.sample(11)]))
      store.append(Self.hop(from: 11, to: 21, "/21", found: "redirect_limit"))
      try await store.flush()
      #expect(try await store.inspectTask(1) == [])
      let broken = "SELECT target_url_id FROM v_broken_links WHERE source_url_id = 1 ORDER BY 1"
      #expect(try await store.texts(broken) == ["2", "3", "4", "5", "6", "7"])
      #expect(
        try await store.texts("SELECT url_id || ' ' || error FROM v_errors ORDER BY url_id") == [
          "2 its redirects lead nowhere: /2", "3 its redirects lead nowhere: /4", "4 its redirects lead nowhere: /3",
          "5 its redirects lead nowhere: /3", "6 it redirects to no http URL: mailto:a@b",
          "7 its redirects lead nowhere: /6", "11 its redirects lead nowhere: /21",
        ])
      try await store.close()
    }
  }
}
