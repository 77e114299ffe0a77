import CCrypto
import TestWeb

extension CrawlMix {
  /// What is to be stored of the pages of a site.
  struct Facts: Sendable {
    struct Page: Sendable {
      var title: String
      var text: String
      /// SHA-256, as hexadecimal digits.
      var textHash: String
      var bodyHash: String
    }

    let site: Site
    private let pages: [[Page]]
    /// The page of every host that the handler's links lead to.
    private let added: Page

    init(_ site: Site) {
      self.site = site
      pages = (0..<site.hosts).map { host in
        (0..<site.pages).map { page in
          let words =
            ["Page \(page)"] + site.outlinks(host: host, page: page).map { "to \($0.target)" }
            + (site.revised.contains(page) ? ["revised"] : [])
          return Page(
            title: "Page \(page) of host \(host)", text: words.joined(separator: " "),
            body: site.html(host: host, page: page))
        }
      }
      let html = "<!doctype html><title>After the fault</title><p>A page like any other.</p>\n"
      added = Page(title: "After the fault", text: "A page like any other.", body: Array(html.utf8))
    }

    /// nil for what is no page.
    subscript(url: String) -> (page: Page, number: Int?)? {
      guard let place = place(of: url) else { return nil }
      guard let number = site.page(atTarget: place.target) else {
        return place.target.hasPrefix("/page?") ? (added, nil) : nil
      }
      return (pages[place.host][number], number)
    }

    private func place(of url: String) -> Site.Place? {
      let parts = url.split(separator: "/", maxSplits: 2)
      guard parts.count > 1, let name = parts[1].split(separator: ":").first else { return nil }
      return site.host(named: String(name)).map {
        Site.Place(host: $0, target: "/" + (parts.count > 2 ? parts[2] : ""))
      }
    }
  }

  /// What a crawl has to know at its end.
  struct Truth {
    var done: Set<String> = []
    /// Source, target and kind.
    var links: Set<[String]> = []
    /// What the handler drops.
    var dropped: Set<String> = []
    /// What it rewrites, by the page that has it.
    var rewritten: [String: String] = [:]

    init(_ site: Site, _ crawl: Crawl) {
      for host in crawl.hosts {
        for page in 0..<site.pages {
          let url = site.url(host: host, page: page)
          done.insert(url)
          for target in site.outlinks(host: host, page: page) { links.insert([url, site.url(target), "a"]) }
          guard crawl.hasHandler, page % CrawlMix.linked == 0 else { continue }
          let added = site.url(Site.Place(host: host, target: "/page?\(page)"))
          switch page / CrawlMix.linked % 4 {
          case 1:
            rewritten[url] = added
            links.insert([url, url, "handler"])
            continue
          case 3: dropped.insert(added)
          default: done.insert(added)
          }
          links.insert([url, added, "handler"])
        }
      }
    }
  }
}

extension CrawlMix.Facts.Page {
  fileprivate init(title: String, text: String, body: [UInt8]) {
    self.init(title: title, text: text, textHash: Self.hash(Array(text.utf8)), bodyHash: Self.hash(body))
  }

  private static func hash(_ bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    _ = SHA256(bytes, bytes.count, &digest)
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
