import Frontier

extension HostileReader {
  /// The first line is the pattern, the rest the text.
  static let glob = HostileReader(
    "glob",
    Grammar(
      documents: ["http://a/**/x*.html\nhttp://a/b/c/xy.html", "**.pdf\nhttp://a/c.pdf?x", "**x*y\nxxxxxx/xxxy"],
      pieces: ["*", "**", "***", "/", "a", "b", "ab", "\n", "x*y", "**x", "//", "?"]),
    shapes: [
      Shape("*a", before: "b\n" + String(repeating: "a", count: 2_000)),
      Shape("**a", before: "b\n" + String(repeating: "a", count: 2_000)),
      Shape("*", before: "\naaaa"), Shape("a", before: "\naaaa"),
      Shape("a", after: "**a*b\n"), Shape("a", after: "**a*a*b\n"), Shape("a", after: "*a*a*a*b\n"),
      Shape("a", after: "**a**a**a**b\n"), Shape("a/", after: "**a*/**a*/b\n"), Shape("/a", after: "**/a*/b\n"),
      Shape("ab", after: "**ab*abab*b*c\n"), Shape("/", after: "**/**/b\n"),
    ],
    read: { bytes in
      let (pattern, text) = halves(bytes)
      _ = Glob(pattern).matches(text)
    },
    properties: { bytes in
      let (pattern, text) = halves(bytes)
      let glob = Glob(pattern)
      try require(Glob(glob.description) == glob, "another pattern from \(pattern)")
      let found = glob.matches(text)
      if !pattern.utf8.contains(UInt8(ascii: "*")) {
        try require(found == pattern.utf8.elementsEqual(text.utf8), "\(pattern) on \(text): \(found)")
      }
      guard pattern.utf8.count * text.utf8.count <= 20_000 else { return }
      try require(found == tries(Array(pattern.utf8), Array(text.utf8)), "\(pattern) on \(text): \(found)")
    })

  private static func halves(_ bytes: [UInt8]) -> (pattern: String, text: String) {
    let end = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
    return (String(decoding: bytes[..<end], as: UTF8.self), String(decoding: bytes[end...].dropFirst(), as: UTF8.self))
  }

  /// A matcher that tries everything: whether the pattern's first `row` bytes match the text's first `column` bytes.
  private static func tries(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
    let star = UInt8(ascii: "*")
    var matches = [true] + [Bool](repeating: false, count: text.count)
    var row = 0
    while row < pattern.count {
      var stars = 0
      while row + stars < pattern.count, pattern[row + stars] == star { stars += 1 }
      var next = [Bool](repeating: false, count: text.count + 1)
      if stars == 0 {
        for column in text.indices where text[column] == pattern[row] { next[column + 1] = matches[column] }
      } else {
        next[0] = matches[0]
        for column in text.indices {
          let goesOn = stars > 1 || text[column] != UInt8(ascii: "/")
          next[column + 1] = matches[column + 1] || goesOn && next[column]
        }
      }
      matches = next
      row += max(stars, 1)
    }
    return matches[text.count]
  }
}
