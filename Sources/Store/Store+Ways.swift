/// What a URL of a task names by those of its stored links that may lead on.
package struct StoredWays: Sendable {
  package enum Step: Sendable { case link, redirect, sitemap, feed }

  package var source: Int64
  package var depth: Int
  /// Redirects that led to it in a row.
  package var redirects: Int
  /// It has a row in `pages`.
  package var isPage: Bool
  /// What the page's meta robots says.
  package var robots: String?
  package var links: [(target: Int64, step: Step)] = []
  fileprivate var priority = 0

  package init(source: Int64, depth: Int, redirects: Int = 0, isPage: Bool = true, robots: String? = nil) {
    self.source = source
    self.depth = depth
    self.redirects = redirects
    self.isPage = isPage
    self.robots = robots
  }
}

/// The links of a task, in their order.
extension Store {
  /// Links in a chunk of `scanWays`, but for what the last URL of it has more.
  package static let waysPerChunk = 16 << 10

  /// Delivers the links that lead on of all URLs of a task, by the id of the URL that has them, in chunks of at most
  /// `waysPerChunk` links and what the last URL has more, on the caller's isolation. Cost: reads the rows of all tasks from
  /// its first to its last, and its links, in their order; each chunk is a short read of its own.
  ///
  /// - Parameters:
  ///   - lastSitemaps: the priority of sitemaps of the last level. What they name first, as indexes, is not followed.
  ///   - step: what a link of this kind and relation is, of a page or of what is none; nil when it does not lead on. Called on
  ///     threads of the pool.
  ///   - deliver: says whether to go on.
  package func scanWays(
    taskID: Int64, lastSitemaps: Int,
    step: @escaping @Sendable (_ kind: String, _ rel: String?, _ isPage: Bool) -> StoredWays.Step?,
    _ deliver: ([StoredWays]) throws -> Bool
  ) async throws {
    var walk = try await walk(over: [taskID])
    while !walk.isAtEnd {
      let from = walk
      let (sources, reached) = try await read { database in
        var walk = from
        return (try Self.sources(database, taskID: taskID, &walk), walk)
      }
      walk = reached
      var rest = sources[...]
      repeat {
        let batch = rest
        let ways = try await read { database in try Self.ways(database, from: batch, lastSitemaps, step) }
        rest = rest.dropFirst(ways.count)
        guard try deliver(ways) else { return }
      } while !rest.isEmpty
    }
  }

  /// Those of the next 1,000 URLs of a task that may have links.
  private static func sources(_ database: Database, taskID: Int64, _ walk: inout URLWalk) throws -> [StoredWays] {
    let row = try database.statement(
      """
      SELECT u.id, u.task_id = ?3, u.state <> 'excluded', u.depth, u.redirects, u.priority, p.url_id IS NOT NULL,
        p.robots
      FROM urls u LEFT JOIN pages p ON p.url_id = u.id AND p.run_id = u.run_id WHERE u.id > ?1 ORDER BY u.id LIMIT ?2
      """)
    row.bind(3, taskID)
    return try walk.read(row, limit: 1_000) { row in
      guard row.integer(2) == 1 else { return nil }
      var source = StoredWays(
        source: row.integer(0), depth: row.count(3), redirects: row.count(4), isPage: row.integer(6) == 1,
        robots: row.textOrNil(7))
      source.priority = row.count(5)
      return source
    }
  }

  private static func ways(
    _ database: Database, from sources: ArraySlice<StoredWays>, _ lastSitemaps: Int,
    _ step: (String, String?, Bool) -> StoredWays.Step?
  ) throws -> [StoredWays] {
    let link = try database.statement(
      """
      SELECT target_url_id, kind, rel, ?2 AND kind = 'sitemap' AND EXISTS (
        SELECT 1 FROM urls t WHERE t.id = target_url_id AND t.via_url_id = ?1 AND t.reason = 'follow')
      FROM links WHERE source_url_id = ?1
      """)
    defer { link.reset() }
    var ways: [StoredWays] = []
    var count = 0
    for source in sources where count < waysPerChunk {
      var source = source
      link.bind(1, source.source)
      link.bind(2, source.priority == lastSitemaps ? 1 : 0)
      while try link.step() {
        count += 1
        if link.integer(3) == 1 { continue }
        if let step = step(link.text(1), link.textOrNil(2), source.isPage) {
          source.links.append((link.integer(0), step))
        }
      }
      link.reset()
      ways.append(source)
    }
    return ways
  }
}
