internal import Logging
internal import Store

// Which crawls before a recrawl it reads: the newest ones, up to the first that covers all before it.
//
// A crawl covers those before it when it has a row that knows what is there (a page, a redirect, a 404 or a 410) for each page
// of theirs: for each URL of which the newest of them that knows what is there says that it is a page. To read the ones before
// it as well would then change nothing. What it knows of a URL counts before what they know. And of a URL of which it knows
// nothing the newest of them that does has no page: there is nothing to ask about on condition, to compare with, or to offer.
// How it ended, which limits it had and what its rules excluded makes no difference: a page that it did not come to is one that
// it has no such row of. What another one covers that it has read itself, it covers, too: of that nothing is the newest.
//
// That is found out at its end, while it still knows their pages, and noted in `tasks.covers_earlier` with which crawls these
// were and how much they had fetched. It holds while the crawls before it are the same ones, all have ended, and none has
// fetched more: a retry may bring pages of which nobody has asked since, and when a crawl is removed from among them, what an
// older one has may become the newest again. Who finds it changed reads further back, and notes anew at its own end.
extension Crawler {
  /// Gives a recrawl what it needs to know which crawls came before it. One that is being removed is none: its rows go.
  /// Cost: O(crawls before it), nothing of which is read.
  func noteEarlier(_ task: CrawlTask) {
    var crawls: [CrawlTask] = []
    var next = task.recrawlOf
    while let id = next {
      if let earlier = tasks[id], earlier.state != .removing, !earlier.isLeaving { crawls.append(earlier) }
      next = tasks[id]?.recrawlOf
    }
    if crawls.isEmpty { return }
    var count = crawls.count
    var before = CrawlsDigest()
    for (place, crawl) in crawls.enumerated().reversed() {
      if let covered = crawl.coversEarlier, covered == before.value { count = place + 1 }
      before.add(crawl)
    }
    task.earlier = EarlierPages(
      taskIDs: crawls.prefix(count).map(\.id), crawlIDs: crawls.map(\.id), digest: before.value)
  }

  /// What is to be noted as `tasks.covers_earlier` at the end of a task whose rows have all committed; nil when it is no
  /// recrawl or lacks one of the pages. Cost: reads the rows of the task.
  func coverage(of task: CrawlTask) async -> Int64? {
    guard let earlier = task.earlier, earlier.isLoaded, let digest = earlier.digest else { return nil }
    var missing = earlier.rows.pageCount
    if missing > task.counters.known { return nil }
    do {
      try await store.scanVisitedURLs(taskID: task.id) { chunk in
        for url in chunk where earlier.rows.hasPage(url.fingerprint) { missing -= 1 }
      }
    } catch {
      if !isStopping {
        logger.warning(
          "task \(task.id) \(task.name): its pages can't be read, the next crawl reads more of them: \(error)")
      }
      return nil
    }
    let series = tasks.values.filter { $0.firstTaskID == task.firstTaskID && $0.id <= task.id }
    var leaving = Set(oldCrawls(in: series, finishing: task).map(\.id))
    // The oldest ones may go now, by keep_last: the rest is covered all the more.
    var (present, left) = (CrawlsDigest(), CrawlsDigest())
    for id in earlier.crawlIDs.reversed() {
      guard let crawl = tasks[id], crawl.state != .removing else { return nil }
      present.add(crawl)
      if leaving.contains(id) { continue }
      leaving = []
      left.add(crawl)
    }
    return missing == 0 && present.value == digest ? left.value : nil
  }
}

/// Tells apart which crawls came one after the other, and how much they had fetched: 64 bits of FNV-1a over the numbers.
struct CrawlsDigest {
  /// nil: one of them has not ended, and may fetch more.
  private(set) var value: Int64? = Int64(bitPattern: 0xcbf2_9ce4_8422_2325)

  /// Adds the next later one.
  mutating func add(_ crawl: CrawlTask) {
    guard let value, crawl.state.isFinal else {
      self.value = nil
      return
    }
    var bits = UInt64(bitPattern: value)
    for number in [crawl.id, Int64(crawl.counters.fetches)] {
      for shift in stride(from: 0, to: 64, by: 8) {
        let byte = UInt64(bitPattern: number) >> UInt64(shift) & 0xff
        bits = (bits ^ byte) &* 0x0000_0100_0000_01b3
      }
    }
    self.value = Int64(bitPattern: bits)
  }
}
