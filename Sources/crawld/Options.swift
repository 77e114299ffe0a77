internal import Address
internal import Control
internal import Crawl
internal import EventLoop
internal import Fetch
internal import Frontier
internal import Glibc
internal import Names
internal import Store

/// What the command line says, and the configuration that it makes together with the file. The command line wins, but for
/// networks: those of both are allowed.
struct Options: Sendable {
  var configurationFile: String?
  var data: String?
  var socket: String?
  var allowedNetworks: [String]
  var hostsFile: String?
  /// Files are read again, on the loop of a daemon: only regular ones are.
  var isReload = false

  /// The option of the command line that wins over a key of the file, if one does.
  func option(over key: String) -> String? {
    switch key {
    case "daemon.data": data.map { _ in "--data" }
    case "daemon.socket": socket.map { _ in "--socket" }
    case "dns.hosts_file": hostsFile.map { _ in "--hosts-file" }
    default: nil
    }
  }

  /// The text of a configuration file, and what it says.
  typealias Reading = (text: String, configuration: Configuration)

  /// Reads and checks the configuration file whole.
  ///
  /// - Parameter earlier: what an earlier call gave. The same text is not parsed again: the TOML library never gives back
  ///   the memory of what it has parsed.
  /// - Throws: `Refusal` with the file, the line and what is accepted.
  func read(knowing earlier: Reading? = nil) throws(Refusal) -> Reading {
    guard let file = configurationFile else { return ("", Configuration()) }
    let text: String
    do throws(Unreadable) { text = try contents(of: file) } catch {
      throw Refusal(.usage, "\(file): the configuration file can't be read: \(error.cause)")
    }
    if let earlier, earlier.text == text { return earlier }
    do { return (text, try Configuration.parse(text: text, fileName: file)) } catch {
      throw Refusal(.usage, "\(error)")
    }
  }

  /// An absolute path: others are told of it, who are in other directories.
  func dataDirectory(_ configuration: Configuration) -> String {
    Self.absolute(data ?? configuration.daemon.data ?? Self.defaultDataDirectory)
  }

  /// A path as it is from anywhere; left as it is when the working directory is not known.
  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    let directory = String(cString: here)
    let rest = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    return (directory == "/" ? "" : directory) + (rest.isEmpty ? "" : "/" + rest)
  }

  func socketPath(_ configuration: Configuration) -> String {
    socket ?? configuration.daemon.socket ?? ControlSocket.defaultPath()
  }

  /// Where the names or the servers are from that a resolver can't begin with.
  func resolverSource(_ configuration: Configuration, of error: ResolverError) -> String {
    let key: String
    switch error {
    case .unreadableHostsFile, .invalidHostsLine:
      if hostsFile != nil { return "--hosts-file" }
      key = "dns.hosts_file"
    case .unusableServers: key = "dns.servers"
    case .library: return "DNS"
    }
    guard let file = configurationFile, let line = configuration.lines[key] else { return "DNS" }
    return "\(file):\(line): \(key)"
  }

  /// Whether a file has a certificate in PEM format (RFC 7468).
  func hasCertificate(_ file: String) -> Bool {
    (try? contents(of: file))?.contains(/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/) ?? false
  }

  func hasPrivateKey(_ file: String) -> Bool {
    (try? contents(of: file))?.contains(/-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/) ?? false
  }

  static var defaultDataDirectory: String {
    if geteuid() == 0 { return "/var/lib/crawld" }
    let state = getenv("XDG_STATE_HOME").map { String(cString: $0) }
    if let state, state.hasPrefix("/") { return state + "/crawld" }
    let home = getenv("HOME").map { String(cString: $0) } ?? "."
    return home + "/.local/state/crawld"
  }

  /// Whether a daemon could begin with what the configuration says.
  /// - Returns: a warning, if one is due.
  func check() throws -> String? {
    let configuration = try read().configuration
    let crawl = try crawl(configuration)
    try EventLoop.run {
      do {
        try await Crawler.checkNames(crawl, loop: EventLoop.current!)
      } catch let error as ResolverError {
        throw Refusal(.usage, "\(self.resolverSource(configuration, of: error)): \(error)")
      }
    }
    return warning(of: configuration)
  }

  /// The crawler's configuration.
  func crawl(_ configuration: Configuration) throws(Refusal) -> CrawlConfiguration {
    if let flaw = ControlSocket.flaw(ofPath: socketPath(configuration)) { throw Refusal(.usage, flaw) }
    var crawl = CrawlConfiguration(database: dataDirectory(configuration) + "/crawl.db")
    crawl.hostsFile = hostsFile ?? configuration.dns.hostsFile
    crawl.guardian = AddressGuard(allow: try networks(configuration))
    crawl.take(configuration)
    if let file = configuration.fetch.certificateAuthorities, access(file, R_OK) != 0 {
      throw refusal(
        configuration, "fetch.certificate_authorities", "“\(file)” can't be read (\(String(cString: strerror(errno))))",
        "a file of certificates in PEM format")
    }
    if let file = configuration.fetch.certificateAuthorities, !hasCertificate(file) {
      throw refusal(
        configuration, "fetch.certificate_authorities", "“\(file)” has no certificate",
        "a file of certificates in PEM format")
    }
    for server in configuration.dns.servers {
      // An IPv6 address with a port stands in brackets. The resolver would take any number.
      guard let port = server.firstMatch(of: /(^[^:]*|\]):([0-9]*)$/)?.2, (UInt16(port) ?? 0) == 0 else { continue }
      throw refusal(
        configuration, "dns.servers", "“\(server)” names no port", "addresses, alone or with a port from 1 to 65535")
    }
    crawl.credentials = try credentials(configuration)
    crawl.proxies = try proxies(configuration)
    crawl.certificates = try certificates(configuration)
    crawl.handlers = try handlers(configuration)
    do { crawl.defaults = try configuration.taskDefaults() } catch { throw Refusal(.usage, "\(error)") }
    if let unknown = crawl.unknownName(in: crawl.defaults) {
      throw refusal(configuration, "defaults.\(unknown.setting)", unknown.problem, unknown.accepted)
    }
    return crawl
  }

  private func networks(_ configuration: Configuration) throws(Refusal) -> [Network] {
    var networks: [Network] = []
    for text in configuration.network.allow {
      do {
        networks.append(try Network(text))
      } catch {
        let refusal = configuration.refusal(
          "network.allow", problem: "“\(text)” is no network", accepted: "networks such as \"127.0.0.0/8\"")
        throw Refusal(.usage, "\(refusal)")
      }
    }
    for text in allowedNetworks {
      do { networks.append(try Network(text)) } catch { throw Refusal(.usage, "--allow-network \(text): \(error)") }
    }
    return networks
  }

  /// Why a file gives no text.
  struct Unreadable: Error {
    let cause: String

    init(cause: String) { self.cause = cause }

    init(code: Int32) { cause = String(cString: strerror(code)) }
  }

  /// The text of a file, as `bytes`. What is not UTF-8 in it is replaced by U+FFFD.
  func contents(of file: String) throws(Unreadable) -> String {
    String(decoding: try bytes(of: file), as: UTF8.self)
  }

  /// What a file has, up to 16 MiB. It may be a pipe when the daemon starts. Later what was in it is gone, and the loop would
  /// stand still until somebody writes into it.
  func bytes(of file: String) throws(Unreadable) -> [UInt8] {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC | (isReload ? O_NONBLOCK : 0))
    guard descriptor >= 0 else { throw Unreadable(code: errno) }
    defer { close(descriptor) }
    var status = stat()
    if isReload, fstat(descriptor, &status) != 0 || status.st_mode & S_IFMT != S_IFREG {
      throw Unreadable(cause: "it is no regular file, and others are read at the start alone")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Unreadable(code: errno) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      if bytes.count > 16 << 20 { throw Unreadable(code: EFBIG) }
    }
  }
}

extension CrawlConfiguration {
  /// Takes over what the file says, but for the task defaults and the networks.
  mutating func take(_ configuration: Configuration) {
    userAgent = configuration.userAgent
    productToken = configuration.productToken
    maxInFlight = configuration.fetch.maxInFlight
    maxBodyBytes = Int(configuration.fetch.maxBodies)
    fetch.idleSeconds = max(1, Int(configuration.fetch.idleTimeout.components.seconds))
    fetch.certificateAuthorities = configuration.fetch.certificateAuthorities
    limits.bodyBytes = Int(configuration.fetch.maxBody)
    limits.ratio = configuration.fetch.maxRatio
    limits.headerBytes = Int(configuration.fetch.maxHeader)
    limits.connect = configuration.fetch.connectTimeout
    limits.firstByte = configuration.fetch.firstByteTimeout
    limits.total = configuration.fetch.totalTimeout
    limits.lowSpeedBytesPerSecond = Int(configuration.fetch.lowSpeed)
    limits.lowSpeedTime = configuration.fetch.lowSpeedTime
    httpVersion = configuration.fetch.httpVersion == .http1 ? .http1 : .automatic
    verifiesTLS = configuration.fetch.verifyTLS
    frontier.perAddress = configuration.politeness.perAddress
    maxAttempts = configuration.politeness.maxAttempts
    retryDelay = configuration.politeness.retryDelay
    maxRetryDelay = configuration.politeness.maxRetryDelay
    if !configuration.dns.servers.isEmpty { resolver.servers = configuration.dns.servers.joined(separator: ",") }
    resolver.deadline = configuration.dns.timeout
    resolver.maximumInFlight = configuration.dns.maxInFlight
    resolver.cacheEntries = configuration.dns.cacheEntries
    frontier.robotsTries = configuration.robots.tries
    frontier.robotsWindow = configuration.robots.window.microseconds
    frontier.robotsLifetime = configuration.robots.cache.microseconds
    frontier.rulesBytes = Int(configuration.robots.maxRules)
    maxRunningTasks = configuration.tasks.maxRunning
    maxTasks = configuration.tasks.maxTasks
    maxUncommittedVisits = configuration.store.maxUncommittedVisits
    maxUncommittedBytes = Int(configuration.store.maxUncommitted)
    store.groupInterval = configuration.store.groupInterval
    store.checkpointBytes = Int(configuration.store.checkpoint)
    store.minFreeBytes = Int(configuration.store.minFree)
    store.minFreePercent = configuration.store.minFreePercent
  }
}
