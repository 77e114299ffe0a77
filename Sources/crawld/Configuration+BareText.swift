internal import Units

extension Configuration {
  /// What is wrong with a line that is no TOML, if it is `key = value` without the quotation marks that texts stand in:
  /// the commonest mistake, of which the TOML library tells what it has taken the text for.
  static func bareText(in text: String, line number: Int, _ fileName: String) -> ConfigurationError? {
    let lines = LineFinder.split(text)
    guard lines.indices.contains(number - 1), let path = LineFinder(text).path(ofLine: number), let name = path.last,
      let equals = lines[number - 1].firstIndex(of: "=")
    else { return nil }
    let written = trimmed(lines[number - 1][equals...].dropFirst().prefix { $0 != "#" })
    let isList = written.hasPrefix("[") && written.hasSuffix("]")
    let values = isList ? written.dropFirst().dropLast().split(separator: ",").map(trimmed) : [written]
    let isBare = values.allSatisfy { !$0.isEmpty && !$0.contains { "\"'[]{}\\".contains($0) } }
    guard isBare, !values.isEmpty else { return nil }
    let key = keys.first { [$0.section, $0.name] == path }
    // What no key's place is may be a secret's.
    let isKnown = key != nil || path.first == "defaults"
    let quoted = values.map { isKnown ? "\"\($0)\"" : "\"…\"" }.joined(separator: ", ")
    var accepted = "\(name) = \(isList ? "[\(quoted)]" : quoted)"
    if let key {
      let texts = values.map { ConfigurationValue.text(String($0)) }
      var scratch = Configuration()
      do throws(ConfigurationKey.Problem) {
        try key.write(&scratch, isList ? .list(texts) : texts[0])
      } catch {
        accepted = key.accepted
      }
    }
    return ConfigurationError(
      file: fileName, line: number, key: TerminalText.escape(path.joined(separator: ".")),
      problem: "is no TOML: texts stand in quotation marks", accepted: TerminalText.escape(accepted))
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let text = text.drop(while: \.isWhitespace)
    return text.lastIndex { !$0.isWhitespace }.map { text[...$0] } ?? ""
  }
}
