import BenchmarkCounts
import WebURL

/// Pages made here, always the same, for counts that must not depend on anybody's files.
enum Sample {
  static let url: WebURL = {
    guard let url = WebURL("http://bench.test/manual/part/page.html") else { stop("the sample has no URL") }
    return url
  }()

  /// A page without a link.
  static let text = page { _ in nil }

  /// As many links as paragraphs, each to a page of its own.
  static let links = page { "../library/entry-\($0).html" }

  /// As many links as paragraphs, all to one page.
  static let repeatedLinks = page { _ in "../library/entry.html#top" }

  static let paragraphs = 64

  private static func page(href: (Int) -> String?) -> [UInt8] {
    var text = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>A page of the manual</title></head>
      <body><div class="body" role="main"><h1 id="top">The page</h1>

      """
    for index in 0..<paragraphs {
      let link = href(index).map { "<a class=\"reference internal\" href=\"\($0)\">the entry</a>" } ?? "the entry"
      text += """
        <div class="section" id="part-\(index)"><p>Part \(index) tells in <em>plain</em> words what \
        <code class="literal">function_\(index)()</code> does &amp; when; see \(link).</p>
        <!-- a remark --><ul><li><p>one of its arguments</p></li><li><p>and the other</p></li></ul></div>

        """
    }
    return Array((text + "</div></body></html>\n").utf8)
  }
}
