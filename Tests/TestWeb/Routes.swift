/// Which request gets which answer: a pure function of the site and the request.
///
///     /  /p/<i>              the pages of the site                    /robots.txt          forbids /private/
///     /private/<i>           a page that must never be asked for      /status/<code>       that status
///     /redirect/<n>          n hops, then a page                      /loop/a  /loop/b     redirect to each other
///     /to/<host>/<page>      redirects to a page of another host      /faults              links to every fault
///     /fault/<name>[/<n>]    misbehaves (`Fault`)                     /feed/<format>       the pages as rss or atom
///     /sitemap.xml           an index (`Site+Sitemaps`)               anything else        404
///     /sitemap/deep/<n>      an index of the next such and of page n                  /page  a page of every host
///
/// The robots.txt of a host of `Fault.Place.robots` is that fault.
package struct Routes: Sendable {
  package var site: Site

  package init(site: Site) { self.site = site }

  /// The robots.txt of a host: its one group, and where its sitemap is.
  package func robots(host name: String) -> String {
    let group = "User-agent: *\nDisallow: /private/\n"
    guard let host = site.host(named: name) else { return group }
    return group + "\nSitemap: \(site.url(Site.Place(host: host, target: Site.sitemapTarget)))\n"
  }

  /// The steps that answer the `visit`-th request (from 1) for `target` on the host with this name.
  package func steps(host name: String, target: String, visit: Int) -> [WireStep] {
    let path = target.prefix { $0 != "?" }
    if path == "/robots.txt" {
      if name.hasSuffix(".fault.test"), let fault = Fault.named(name.dropLast(11)),
        case .robots(let script) = fault.place
      {
        return script(visit, site.port)
      }
      return [.send(Response.text(robots(host: name)))]
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: true)
    if parts.first == "fault", parts.count >= 2, let fault = Fault.named(parts[1]),
      let script = fault.script(argument: parts.count > 2 ? Int(parts[2]) : nil, visit: visit)
    {
      return script
    }
    return [.send(response(host: name, target: target, parts: parts).serialised())]
  }

  private func response(host name: String, target: String, parts: [Substring]) -> Response {
    let host = site.host(named: name)
    if let host, let page = site.page(atTarget: target) { return .html(site.html(host: host, page: page)) }
    if let host, let response = site.sitemap(host: host, target: target) { return response }
    switch (parts.first, parts.count) {
    case ("page", 1): return .html(Fault.page)
    case ("private", _): return .html("<!doctype html><title>Private</title><p>Nobody should be here.\n")
    case ("status", 2):
      guard let status = Int(parts[1]), (200...599).contains(status) else { return .notFound }
      return .html("<!doctype html><title>Status \(status)</title>\n", status: status)
    case ("redirect", 2):
      guard let hops = Int(parts[1]), hops >= 0 else { return .notFound }
      return hops == 0
        ? .html("<!doctype html><title>The end of the redirects</title>\n") : .redirect(to: "/redirect/\(hops - 1)")
    case ("loop", 2): return .redirect(to: parts[1] == "a" ? "/loop/b" : "/loop/a", status: 301)
    case ("to", 3):
      guard let other = Int(parts[1]), let page = Int(parts[2]), other >= 0, other < site.hosts else {
        return .notFound
      }
      return .redirect(to: site.url(host: other, page: page), status: 307)
    case ("faults", 1):
      let links = Fault.answers.map { "<p><a href=\"\($0.target)\">\($0.name)</a>\n" }.joined()
      return .html("<!doctype html><title>Faults</title>\n" + links)
    default: return .notFound
    }
  }
}
