internal import Crawl
internal import Fetch
internal import Glibc

// What tasks choose by name, with its secrets: read once, when the daemon starts. Nothing here says a secret.
extension Options {
  func credentials(_ configuration: Configuration) throws(Refusal) -> [String: FetchCredentials] {
    var all: [String: FetchCredentials] = [:]
    for (name, entry) in configuration.credentials.sorted(by: { $0.key < $1.key }) {
      let key = "credentials.\(name)"
      var origins: [OriginPattern] = []
      for (index, text) in entry.origins.enumerated() {
        // It is not quoted: it may have a password in it.
        guard let origin = OriginPattern(text) else {
          throw refusal(configuration, "\(key).origins", "number \(index + 1) is no origin", OriginPattern.accepted)
        }
        origins.append(origin)
      }
      // The name in Basic ends at the first colon (RFC 7617, section 2).
      if entry.user.contains(":") {
        throw refusal(configuration, "\(key).user", "has a colon", "a user's name without one")
      }
      all[name] = FetchCredentials(
        name: name, user: Secret(entry.user),
        password: try secret(entry.password, "\(key).password", configuration) ?? Secret(""),
        scheme: entry.scheme == .digest ? .digest : .basic, origins: origins)
    }
    return all
  }

  func proxies(_ configuration: Configuration) throws(Refusal) -> [String: FetchProxy] {
    var all: [String: FetchProxy] = [:]
    for (name, entry) in configuration.proxies.sorted(by: { $0.key < $1.key }) {
      let key = "proxies.\(name)"
      let password = try secret(entry.password, "\(key).password", configuration)
      guard (entry.user == nil) == (password == nil), entry.user?.contains(":") != true else {
        throw refusal(configuration, key, "has half of a user and a password", "both or none, the user without a colon")
      }
      // The URL is not quoted: who wrote a password into it did not want it in a log.
      guard
        let proxy = FetchProxy(
          name: name, url: entry.url, user: entry.user.map(Secret.init), password: password,
          resolvesNames: entry.resolve == .proxy)
      else { throw refusal(configuration, "\(key).url", "is no proxy's URL", FetchProxy.accepted) }
      if proxy.hasTooLongSecret {
        throw refusal(
          configuration, key, "has a user or a password above 255 bytes", "shorter ones for SOCKS5 (RFC 1929)")
      }
      all[name] = proxy
    }
    return all
  }

  func certificates(_ configuration: Configuration) throws(Refusal) -> [String: ClientCertificate] {
    var all: [String: ClientCertificate] = [:]
    for (name, entry) in configuration.certificates.sorted(by: { $0.key < $1.key }) {
      for (key, file) in [("certificate", entry.certificate), ("key", entry.key ?? entry.certificate)] {
        guard access(file, R_OK) == 0 else {
          let cause = String(cString: strerror(errno))
          throw refusal(
            configuration, "certificates.\(name).\(key)", "\(file) can't be read: \(cause)",
            "a PEM file that crawld may read")
        }
      }
      let keyFile = entry.key ?? entry.certificate
      guard hasCertificate(entry.certificate) else {
        throw refusal(
          configuration, "certificates.\(name).certificate", "\(entry.certificate) has no certificate",
          "a PEM file with one")
      }
      guard hasPrivateKey(keyFile) else {
        throw refusal(
          configuration, "certificates.\(name).\(entry.key == nil ? "certificate" : "key")",
          "\(keyFile) has no private key", "a PEM file with one")
      }
      let certificate = ClientCertificate(
        name: name, file: entry.certificate, keyFile: entry.key,
        keyPassword: try secret(entry.password, "certificates.\(name).key_password", configuration))
      try check(certificate, entry, configuration)
      all[name] = certificate
    }
    return all
  }

  /// Whether its files, which can be read, are of use.
  private func check(
    _ certificate: ClientCertificate, _ entry: Configuration.Certificate, _ configuration: Configuration
  ) throws(Refusal) {
    let file = entry.certificate
    let keyFile = entry.key ?? file
    let flaw = certificate.flaw(
      certificate: (try? contents(of: file)) ?? "", key: (try? contents(of: keyFile)) ?? "")
    guard let flaw else { return }
    let words: (problem: String, accepted: String) =
      switch flaw {
      case .unreadable: ("the certificate in \(file) is broken", "a PEM file with one")
      case .unreadableKey: ("the private key in \(keyFile) is broken", "a PEM file with one")
      case .noPassword:
        ("the private key in \(keyFile) is encrypted", "key_password, key_password_env or key_password_file with it")
      case .wrongPassword: ("the private key in \(keyFile) does not open with the key_password", "its pass phrase")
      case .otherKey: ("the private key in \(keyFile) is not that of the certificate in \(file)", "the right one")
      }
    let key = flaw == .unreadable || entry.key == nil ? "certificate" : "key"
    throw refusal(configuration, "certificates.\(certificate.name).\(key)", words.problem, words.accepted)
  }

  /// What is to be said of a configuration file that has a secret in it and that everybody may read; nil when nothing is.
  func warning(of configuration: Configuration) -> String? {
    var status = stat()
    guard let file = configurationFile, stat(file, &status) == 0, status.st_mode & 0o004 != 0 else { return nil }
    var places: [(String, Configuration.SecretPlace?)] = []
    places += configuration.credentials.map { ("credentials.\($0).password", $1.password) }
    places += configuration.proxies.map { ("proxies.\($0).password", $1.password) }
    places += configuration.certificates.map { ("certificates.\($0).key_password", $1.password) }
    var secrets: [(line: Int, key: String)] = []
    for case (let key, .here) in places { secrets.append((configuration.lines[key] ?? 0, key)) }
    guard let first = secrets.min(by: { $0.line < $1.line }) else { return nil }
    return "\(file):\(first.line): \(first.key): everybody may read this file and the secret in it; chmod o-r keeps it"
  }

  /// Reads a secret from where it is; `key` is what the places are named after.
  func secret(
    _ place: Configuration.SecretPlace?, _ key: String, _ configuration: Configuration
  ) throws(Refusal) -> Secret? {
    switch place {
    case nil: return nil
    case .here(let text): return Secret(text)
    case .environment(let variable):
      guard let text = getenv(variable), text.pointee != 0 else {
        throw refusal(
          configuration, "\(key)_env", "the environment has no variable \(variable)",
          "the name of one that is not empty")
      }
      guard let secret = String(validatingCString: text) else {
        throw refusal(
          configuration, "\(key)_env", "what the variable \(variable) has is not UTF-8", "a secret in UTF-8")
      }
      return Secret(secret)
    case .file(let path): return try secret(inFile: path, "\(key)_file", configuration)
    }
  }

  /// The first line of a file, without a byte order mark.
  private func secret(inFile path: String, _ key: String, _ configuration: Configuration) throws(Refusal) -> Secret {
    var bytes: [UInt8]
    do throws(Unreadable) { bytes = try self.bytes(of: path) } catch {
      throw refusal(configuration, key, "\(path) can't be read: \(error.cause)", "a file that crawld may read")
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    guard let text = String(validating: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) else {
      throw refusal(configuration, key, "the first line of \(path) is not UTF-8", "a secret in UTF-8")
    }
    let line = text.prefix { !$0.isNewline }
    guard !line.isEmpty else {
      throw refusal(configuration, key, "\(path) has an empty first line", "the secret in the first line")
    }
    return Secret(String(line))
  }

  /// The secrets that are in files of their own, by the keys that name these.
  func secretsInFiles(_ configuration: Configuration, _ crawl: CrawlConfiguration) -> [String: Secret] {
    var secrets: [String: Secret] = [:]
    for case (let name, .file?) in configuration.credentials.mapValues(\.password) {
      secrets["credentials.\(name).password_file"] = crawl.credentials[name]?.password
    }
    for case (let name, .file?) in configuration.proxies.mapValues(\.password) {
      secrets["proxies.\(name).password_file"] = crawl.proxies[name]?.password
    }
    for case (let name, .file?) in configuration.certificates.mapValues(\.password) {
      secrets["certificates.\(name).key_password_file"] = crawl.certificates[name]?.keyPassword
    }
    return secrets
  }

  func refusal(_ configuration: Configuration, _ key: String, _ problem: String, _ accepted: String) -> Refusal {
    Refusal(.usage, "\(configuration.refusal(key, problem: problem, accepted: accepted))")
  }
}
