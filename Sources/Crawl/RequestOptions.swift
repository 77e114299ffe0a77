internal import Fetch

/// What a task's settings make of its requests: built once for each revision of them, shared by all fetches under it.
final class RequestOptions: Sendable {
  /// The revision of the settings.
  let settingsRevision: Int
  let userAgent: String
  /// The name by which robots.txt, meta robots and X-Robots-Tag speak to the task.
  let productToken: String
  let fields: [(name: String, value: String)]
  /// nil: the fetcher's ordinary one.
  let route: FetchRoute?
  let credentials: [FetchCredentials]
  let keepsCookies: Bool
  /// Bodies and header sections are stored.
  let keepsBodies: Bool
  /// See `FrontierSettings.robotsReader`.
  let robotsReader: Int

  /// All of which a robots.txt may depend. Tasks that agree in it share what robots.txt files say; for another one they are
  /// fetched anew.
  struct Identity: Hashable {
    var userAgent: String
    var productToken: String
    var fields: [RequestField] = []
    var route: FetchRoute
    var credentials: [String] = []
  }

  init(
    _ identity: Identity, _ credentials: [FetchCredentials], reader: Int, keepsCookies: Bool, keepsBodies: Bool,
    settingsRevision: Int
  ) {
    self.keepsBodies = keepsBodies
    self.credentials = credentials
    self.keepsCookies = keepsCookies
    self.settingsRevision = settingsRevision
    userAgent = identity.userAgent
    productToken = identity.productToken
    fields = identity.fields.map { ($0.name, $0.value) }
    route = identity.route == FetchRoute() ? nil : identity.route
    robotsReader = reader
  }
}

extension Crawler {
  func requestOptions(_ settings: TaskSettings, revision: Int) -> RequestOptions {
    let ordinary = ordinaryIdentity
    var identity = ordinary
    if let userAgent = settings.userAgent {
      identity.userAgent = userAgent
      identity.productToken = UserAgent.productToken(of: userAgent)
    }
    identity.fields = settings.fields
    identity.route = FetchRoute(
      httpVersion: settings.httpVersion.version ?? configuration.httpVersion,
      verifiesTLS: configuration.verifiesTLS && settings.verifiesTLS,
      proxy: settings.proxy.flatMap { configuration.proxies[$0] },
      certificate: settings.certificate.flatMap { configuration.certificates[$0] })
    identity.credentials = settings.credentials
    let reader = identity == ordinary ? 0 : robotsReader(identity)
    return RequestOptions(
      identity, settings.credentials.compactMap { configuration.credentials[$0] }, reader: reader,
      keepsCookies: settings.keepsCookies, keepsBodies: settings.storage.keepsBodies, settingsRevision: revision)
  }

  /// The number of an identity; those that nobody has any more are forgotten.
  private func robotsReader(_ identity: RequestOptions.Identity) -> Int {
    if let reader = robotsReaders[identity] { return reader }
    let used = Set(tasks.values.map(\.requestOptions.robotsReader) + live.values.map(\.options.robotsReader))
    robotsReaders = robotsReaders.filter { used.contains($0.value) }
    defer { nextRobotsReader += 1 }
    robotsReaders[identity] = nextRobotsReader
    return nextRobotsReader
  }
}

extension TaskSettings.HTTPVersion {
  /// nil: the daemon's.
  fileprivate var version: FetchRoute.HTTPVersion? {
    switch self {
    case .automatic: nil
    case .http1: .http1
    case .http2: .automatic
    }
  }
}
