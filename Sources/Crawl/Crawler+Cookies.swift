internal import Cookies
internal import Fetch
internal import Store
internal import WebURL

// The jar of a task that keeps cookies: fed by every answer to a URL of the task, redirects too; its changes are stored
// with the next visit that commits, so that a later daemon goes on with it. robots.txt is asked for without.
extension Crawler {
  /// Set-Cookie fields of one answer that are taken, the first ones.
  private static let cookiesPerAnswer = 150

  /// - Returns: whether it is a redirect behind which its own URL would be asked for with other cookies.
  func takeCookies(of response: FetchResponse, to url: WebURL, _ task: CrawlTask) -> Bool {
    let fields = response.headers.octets("Set-Cookie").prefix(Self.cookiesPerAnswer)
    guard !fields.isEmpty else { return false }
    let before = response.outcome == .redirected ? task.jar.field(for: url, now: wallNow) : nil
    for field in fields { task.jar.store(field, from: url, now: wallNow) }
    return response.outcome == .redirected && task.jar.field(for: url, now: wallNow) != before
  }

  /// Takes the cookies of a challenge (RFC 7616) before it is answered: its nonce may belong to the session that they begin.
  func answerCookies(for url: WebURL, _ visit: LiveVisit) -> @Sendable ([[UInt8]]) -> [UInt8] {
    let visitID = visit.id
    return { [unowned self] fields in
      assumeIsolated { $0.takeCookies(ofChallenge: fields, to: url, visitID: visitID) }
    }
  }

  /// - Returns: the Cookie field that its answer carries.
  private func takeCookies(ofChallenge fields: [[UInt8]], to url: WebURL, visitID: Int64) -> [UInt8] {
    guard let visit = live[visitID] else { return [] }
    let task = task(of: visit)
    for field in fields.prefix(Self.cookiesPerAnswer) { task.jar.store(field, from: url, now: wallNow) }
    visit.cookies = task.jar.field(for: url, now: wallNow)
    return visit.cookies.map(CookieOctets.octets) ?? []
  }

  func loadCookies(of task: CrawlTask) async throws {
    let cookies = try await store.cookies(taskID: task.id)
    task.jar = CookieJar(cookies.map(Cookie.init), now: wallNow)
  }
}

extension Cookie {
  fileprivate init(_ record: CookieRecord) {
    self.init(
      key: Key(
        domain: record.key.domain, isHostOnly: record.key.isHostOnly, path: record.key.path, name: record.key.name),
      value: record.value, isSecure: record.isSecure, expiresAt: record.expiresAt, createdAt: record.createdAt)
  }
}

extension CookieRecord.Change {
  init(_ change: CookieJar.Change) {
    switch change {
    case .put(let cookie):
      self = .put(
        CookieRecord(
          key: CookieRecord.Key(cookie.key), value: cookie.value, isSecure: cookie.isSecure,
          expiresAt: cookie.expiresAt,
          createdAt: cookie.createdAt))
    case .removed(let key): self = .removed(CookieRecord.Key(key))
    }
  }
}

extension CookieRecord.Key {
  fileprivate init(_ key: Cookie.Key) {
    self.init(domain: key.domain, isHostOnly: key.isHostOnly, path: key.path, name: key.name)
  }
}
