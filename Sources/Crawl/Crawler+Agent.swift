internal import Fetch
internal import Logging
internal import Store

// As whom requests are made that no task changes. When the configuration says something else than that of the daemon before,
// what was answered to that one holds no longer: robots.txt files are fetched again, and so are pages of which a directive for
// one name may have been read or left out.
extension Crawler {
  /// The identity of requests that no task changes.
  var ordinaryIdentity: RequestOptions.Identity {
    RequestOptions.Identity(
      userAgent: configuration.userAgent, productToken: configuration.productToken,
      route: FetchRoute(httpVersion: configuration.httpVersion, verifiesTLS: configuration.verifiesTLS))
  }

  /// Reads as whom the daemon before has fetched.
  func recoverAgent() async throws {
    let agent = AgentRecord(
      userAgent: configuration.userAgent, productToken: configuration.productToken,
      httpVersion: configuration.httpVersion == .http1 ? "1.1" : "2", verifiesTLS: configuration.verifiesTLS)
    let last = try await store.latestAgent()
    newAgent = agent.next(after: last, fetchID: nextFetchID)
    agentID = newAgent?.id ?? last?.id ?? agent.id
    guard newAgent != nil, last != nil else { return }
    logger.notice(
      """
      requests are made as another one than before (user_agent, product_token, http_version or verify_tls), now \
      \(agent.userAgent): each robots.txt is fetched again before the next page of its host
      """)
  }

  /// Has it written before all fetches that are made as it.
  func noteAgent() {
    guard let agent = newAgent else { return }
    newAgent = nil
    var record = VisitRecord(taskID: 0)
    record.agent = agent
    lastSequence = store.append(record)
  }
}
