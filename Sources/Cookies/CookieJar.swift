package import WebURL

// What servers have stored with a task and get back: cookies by RFC 6265bis (draft 22).
//
// Pure values: no clock and no I/O. `now` is the calendar's time in microseconds since 1970 UTC. Whoever owns a jar feeds
// it the Set-Cookie fields of every answer, asks it for the Cookie field of every request, and stores what changed.
//
// Where the standard leaves a choice: a crawl goes from page to page as a person does who follows links, so each request
// counts as a navigation within its site, and SameSite keeps nothing back; public suffixes are those of libpsl's list; a
// cookie without an end lasts as long as the task. HttpOnly changes nothing, since there are no scripts. Names,
// values and paths are texts in the form of `CookieOctets`, in which every byte is kept.

/// The cookies of one task. Bounded in number and bytes, for each site (registrable domain) and as a whole, so that no site
/// takes the room of another: the least recently used of the site gives way, insecure ones first.
package struct CookieJar: Sendable {
  package struct Limits: Sendable {
    package var cookies = 3_000
    package var bytes = 1 << 20
    package var cookiesPerSite = 150
    package var bytesPerSite = 64 << 10
    /// Of a Cookie field; cookies beyond, those of shorter paths and later ones, stay out.
    package var fieldBytes = 16 << 10

    package init() {}
  }

  package enum Change: Sendable, Equatable {
    case put(Cookie)
    case removed(Cookie.Key)
  }

  private struct Entry {
    var cookie: Cookie
    var lastUse: UInt64
  }

  private let limits: Limits
  private var sites: [String: [Entry]] = [:]
  private var changed: Set<Cookie.Key> = []
  private var uses: UInt64 = 0
  package private(set) var count = 0
  package private(set) var bytes = 0

  package init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// A jar with these cookies, oldest first; expired ones are changes to be stored.
  package init(_ cookies: [Cookie], limits: Limits = Limits(), now: Int64) {
    self.limits = limits
    for cookie in cookies {
      if cookie.isExpired(at: now) {
        changed.insert(cookie.key)
      } else {
        put(cookie, site: Self.site(ofDomain: cookie.key.domain), now: now)
      }
    }
  }

  // MARK: From answers

  /// Takes a Set-Cookie field of the answer to a request for `url` (section 5.7).
  package mutating func store(_ field: [UInt8], from url: WebURL, now: Int64) {
    guard url.isHTTP, let host = url.hostName, let written = SetCookie(field) else { return }
    let isAddress = url.address != nil
    let isSecureOrigin = url.scheme == "https"
    var key = Cookie.Key(
      domain: host, isHostOnly: true, path: written.path ?? Self.defaultPath(url), name: written.name)
    if let domain = written.domain, domain != host || !isAddress && !Self.isPublicSuffix(domain) {
      guard !isAddress, Cookie.domain(domain, covers: host), !Self.isPublicSuffix(domain) else { return }
      key.domain = domain
      key.isHostOnly = false
    }
    if written.isSecure && !isSecureOrigin { return }
    if written.isForEverySite && !written.isSecure { return }
    guard Self.keepsPromise(of: written, key) else { return }
    let site = Self.site(of: url)
    // Whoever can't read a cookie that is for https alone must not replace it either.
    if !isSecureOrigin, hasSecureCookie(like: key, site: site) { return }
    let expiresAt = Self.expiry(written, now: now)
    let old = sites[site]?.first { $0.cookie.key == key }?.cookie
    let createdAt = old?.createdAt ?? now
    remove(key, site: site)
    changed.insert(key)
    let cookie = Cookie(
      key: key, value: written.value, isSecure: written.isSecure, expiresAt: expiresAt, createdAt: createdAt)
    if !cookie.isExpired(at: now) { put(cookie, site: site, now: now) }
  }

  /// Names that begin with `__Secure-` or `__Host-` say what else must be true of the cookie (section 4.1.3).
  private static func keepsPromise(of written: SetCookie, _ key: Cookie.Key) -> Bool {
    let name = (written.name.isEmpty ? written.value : written.name).lowercased()
    let isHost = name.hasPrefix("__host-")
    guard isHost || name.hasPrefix("__secure-") else { return true }
    guard !written.name.isEmpty, written.isSecure else { return false }
    return !isHost || key.isHostOnly && written.path == "/"
  }

  private func hasSecureCookie(like key: Cookie.Key, site: String) -> Bool {
    (sites[site] ?? []).contains { entry in
      let other = entry.cookie.key
      return entry.cookie.isSecure && other.name == key.name && Cookie.path(other.path, covers: key.path)
        && (Cookie.domain(other.domain, covers: key.domain) || Cookie.domain(key.domain, covers: other.domain))
    }
  }

  /// Max-Age wins over Expires; none lasts longer than 400 days (section 5.5).
  private static func expiry(_ written: SetCookie, now: Int64) -> Int64? {
    let latest = now + 400 * 86_400 * 1_000_000
    if let age = written.maximumAge { return age >= 400 * 86_400 ? latest : now + age * 1_000_000 }
    return written.expires.map { min(latest, $0 * 1_000_000) }
  }

  /// The directory of the URL (section 5.1.4).
  private static func defaultPath(_ url: WebURL) -> String {
    let path = url.path
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  // MARK: For requests

  /// The value of the Cookie field of a request for `url` (section 5.8), in the form of `CookieOctets`; nil when there is none.
  package mutating func field(for url: WebURL, now: Int64) -> String? {
    guard count > 0, url.isHTTP, let host = url.hostName else { return nil }
    let site = Self.site(of: url)
    guard let entries = sites[site] else { return nil }
    let path = url.path
    let isSecure = url.scheme == "https"
    var indices = entries.indices.filter { index in
      let cookie = entries[index].cookie
      let isOfHost =
        cookie.key.isHostOnly ? cookie.key.domain == host : Cookie.domain(cookie.key.domain, covers: host)
      return isOfHost && Cookie.path(cookie.key.path, covers: path) && (isSecure || !cookie.isSecure)
        && !cookie.isExpired(at: now)
    }
    // Longer paths first, then older cookies; those of one instant in the order in which they came.
    indices.sort { left, right in
      let (first, second) = (entries[left].cookie, entries[right].cookie)
      let (length, other) = (first.key.path.utf8.count, second.key.path.utf8.count)
      if length != other { return length > other }
      return (first.createdAt, left) < (second.createdAt, right)
    }
    uses += 1
    var text = ""
    for index in indices {
      let cookie = entries[index].cookie
      let pair = cookie.key.name.isEmpty ? cookie.value : "\(cookie.key.name)=\(cookie.value)"
      guard text.utf8.count + pair.utf8.count + 2 <= limits.fieldBytes else { continue }
      if !text.isEmpty { text += "; " }
      text += pair
      sites[site]![index].lastUse = uses
    }
    return text.isEmpty ? nil : text
  }

  // MARK: What is to be stored

  package var hasChanges: Bool { !changed.isEmpty }

  /// What changed since the last call, each cookie as it is now.
  package mutating func takeChanges() -> [Change] {
    defer { changed.removeAll() }
    return changed.map { key in
      let entry = sites[Self.site(ofDomain: key.domain)]?.first { $0.cookie.key == key }
      return entry.map { .put($0.cookie) } ?? .removed(key)
    }
  }

  // MARK: Room

  private mutating func put(_ cookie: Cookie, site: String, now: Int64) {
    uses += 1
    sites[site, default: []].append(Entry(cookie: cookie, lastUse: uses))
    count += 1
    bytes += cookie.bytes
    var siteBytes = sites[site]!.reduce(0) { $0 + $1.cookie.bytes }
    while let entries = sites[site], entries.count > limits.cookiesPerSite || siteBytes > limits.bytesPerSite {
      let victim = entries.min { Self.givesWay($0, before: $1, now: now) }!.cookie
      siteBytes -= victim.bytes
      evict(victim.key, site: site)
    }
    while count > limits.cookies || bytes > limits.bytes, let oldest = siteToEvictFrom() {
      evict(sites[oldest]!.min { Self.givesWay($0, before: $1, now: now) }!.cookie.key, site: oldest)
    }
  }

  /// The one whose most recent use is the oldest.
  private func siteToEvictFrom() -> String? {
    sites.min { left, right in
      (left.value.map(\.lastUse).max() ?? 0) < (right.value.map(\.lastUse).max() ?? 0)
    }?.key
  }

  private static func givesWay(_ left: Entry, before right: Entry, now: Int64) -> Bool {
    let ranks = [left, right].map { $0.cookie.isExpired(at: now) ? 0 : $0.cookie.isSecure ? 2 : 1 }
    return (ranks[0], left.lastUse) < (ranks[1], right.lastUse)
  }

  private mutating func evict(_ key: Cookie.Key, site: String) {
    changed.insert(key)
    remove(key, site: site)
  }

  private mutating func remove(_ key: Cookie.Key, site: String) {
    guard let index = sites[site]?.firstIndex(where: { $0.cookie.key == key }) else { return }
    let entry = sites[site]!.remove(at: index)
    count -= 1
    bytes -= entry.cookie.bytes
    if sites[site]!.isEmpty { sites[site] = nil }
  }

  // MARK: Sites

  private static func site(of url: WebURL) -> String { url.registrableDomain ?? url.hostName ?? "" }

  private static func site(ofDomain domain: String) -> String {
    WebURL("http://\(domain)/")?.registrableDomain ?? domain
  }

  /// Under which people register: whoever owns a name there must not set cookies for the others.
  private static func isPublicSuffix(_ domain: String) -> Bool {
    guard let url = WebURL("http://\(domain)/"), url.hostName == domain else { return true }
    return url.registrableDomain == nil
  }
}
