extension Site {
  /// The page as HTML in UTF-8.
  package func html(host: Int, page: Int) -> [UInt8] {
    var text = """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>Page \(page) of host \(host)</title>
      <meta name="description" content="Generated page \(page)"><link rel="stylesheet" href="/style.css"></head>
      <body><h1>Page \(page)</h1>
      <!-- <a href="/commented-out">not a link</a> --><script>var text = '<a href="/in-script">not a link</a>';</script>

      """
    text.reserveCapacity(filler + 2_000)
    for (position, place) in outlinks(host: host, page: page).enumerated() {
      text +=
        "<p><a href=\"\(spelling(of: place, from: host, page: page, position: position))\">to \(place.target)</a></p>\n"
    }
    if revised.contains(page) { text += "<p>revised</p>\n" }
    text += "<div>"
    while text.utf8.count < filler { text += "The quick brown fox jumps over the lazy dog. " }
    text += "</div></body></html>\n"
    return Array(text.utf8)
  }

  /// One of the ways in which authors write the same address; all of them resolve to `url(place)`.
  private func spelling(of place: Place, from host: Int, page: Int, position: Int) -> String {
    if place.host != host {
      return position % 2 == 0 ? url(place) : "//\(name(ofHost: place.host)):\(port)\(place.target)"
    }
    switch SeededNumbers(seed: seed &+ UInt64(page)).draw(UInt64(position), below: 6) {
    case 0: return "\(place.target)#section-\(position)"
    case 1: return page == 0 ? String("./" + place.target.dropFirst()) : "..\(place.target)"
    case 2: return "HTTP://H\(host).TEST:\(port)\(place.target)"
    case 3: return "/left-out/..\(place.target)"
    default: return place.target
    }
  }
}
