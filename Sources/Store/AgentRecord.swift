/// A row of `agents`: what the requests of the daemon's own configuration say of who asks, and how they reach servers. What is
/// answered to another one, a robots.txt or a page with directives for one name, says nothing of what this one would be.
package struct AgentRecord: Sendable, Equatable {
  package var id: Int64
  /// Fetches from this one on were made as it, up to the first one of the next row.
  package var firstFetchID: Int64
  package var userAgent: String
  package var productToken: String
  /// The highest version of HTTP that is offered: 2 1.1
  package var httpVersion: String
  package var verifiesTLS: Bool

  /// The first row's id. As whom earlier versions have fetched was not noted: it counts as that.
  package static let first: Int64 = 1

  package init(
    id: Int64 = AgentRecord.first, firstFetchID: Int64 = 0, userAgent: String, productToken: String,
    httpVersion: String, verifiesTLS: Bool
  ) {
    self.id = id
    self.firstFetchID = firstFetchID
    self.userAgent = userAgent
    self.productToken = productToken
    self.httpVersion = httpVersion
    self.verifiesTLS = verifiesTLS
  }

  /// The row that follows one when requests say this from now on; nil when they say what they said before.
  package func next(after last: AgentRecord?, fetchID: Int64) -> AgentRecord? {
    guard let last else { return self }
    var next = self
    (next.id, next.firstFetchID) = (last.id, last.firstFetchID)
    if next == last { return nil }
    (next.id, next.firstFetchID) = (last.id + 1, fetchID)
    return next
  }
}

extension Store {
  /// As whom the daemon has fetched last; nil when no version has noted it.
  package func latestAgent() async throws -> AgentRecord? {
    try await read { database in
      let row = try database.statement(
        """
        SELECT id, first_fetch_id, user_agent, product_token, http_version, verify_tls FROM agents ORDER BY id DESC LIMIT 1
        """)
      defer { row.reset() }
      guard try row.step() else { return nil }
      return AgentRecord(
        id: row.integer(0), firstFetchID: row.integer(1), userAgent: row.text(2), productToken: row.text(3),
        httpVersion: row.text(4), verifiesTLS: row.integer(5) != 0)
    }
  }
}

extension AgentRecord {
  /// Writes the row within the transaction of the caller.
  func insert(into database: Database) throws(StoreError) {
    let row = try database.statement(
      """
      INSERT INTO agents (id, first_fetch_id, user_agent, product_token, http_version, verify_tls) VALUES (?, ?, ?, ?, ?, ?)
      """)
    row.bind(1, id)
    row.bind(2, firstFetchID)
    row.bind(3, userAgent)
    row.bind(4, productToken)
    row.bind(5, httpVersion)
    row.bind(6, verifiesTLS)
    try row.run()
  }
}
