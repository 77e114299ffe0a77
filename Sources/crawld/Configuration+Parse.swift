internal import Crawl
internal import TOMLKit
internal import Units

extension Configuration {
  /// The longest file that is read.
  package static let maximumBytes = 1 << 20

  /// Reads a configuration file's text. `fileName` is for errors.
  ///
  /// Throws the first thing that is wrong, by line: no TOML, an unknown section or key, a wrong type or unit, a value out
  /// of range. The settings of [defaults] and the networks of [network] are judged by the rooms that know them.
  package static func parse(text: String, fileName: String) throws(ConfigurationError) -> Configuration {
    let table = try table(text, fileName)
    let finder = LineFinder(text)
    var configuration = Configuration(fileName: fileName)
    var errors: [ConfigurationError] = []

    func refuse(_ section: String, _ name: String?, _ problem: String, _ accepted: String) {
      let key = TerminalText.escape(name.map { "\(section).\($0)" } ?? section)
      let line = finder.line(section: section, key: name)
      errors.append(
        ConfigurationError(file: fileName, line: line, key: key, problem: problem, accepted: accepted))
    }

    for section in table.keys {
      if table[section]?.table == nil, !sections.contains(section) {
        let isSetting = TaskSettings().texts[section] != nil
        let owners = keys.filter { $0.name == section }.map(\.section) + (isSetting ? ["defaults"] : [])
        let named = owners.map { "[\($0)]" }.joined(separator: " or ")
        refuse(
          section, nil, "is a key outside a section",
          named.isEmpty ? "keys below a [section]" : "\(section) below \(named)")
        continue
      }
      guard sections.contains(section) else {
        refuse(section, nil, "unknown section", sections.joined(separator: " "))
        continue
      }
      guard let content = table[section]?.table else {
        refuse(section, nil, "is no section", "[\(section)] and its keys")
        continue
      }
      if namedSections.contains(section) {
        errors += configuration.takeEntries(of: section, content, finder)
        continue
      }
      for name in content.keys {
        guard let value = content[name].map(ConfigurationValue.init) else { continue }
        configuration.lines["\(section).\(name)"] = finder.line(section: section, key: name)
        configuration.values["\(section).\(name)"] = value
        if section == "defaults" {
          if let texts = value.texts {
            configuration.defaults[name] = texts
          } else {
            refuse(section, name, "is \(value.kind)", "a string, a number, true, false, or a list of them")
          }
        } else if let key = keys.first(where: { $0.section == section && $0.name == name }) {
          do throws(ConfigurationKey.Problem) {
            try key.write(&configuration, value)
          } catch {
            refuse(section, name, error.text, key.accepted)
          }
        } else {
          let names = keys.filter { $0.section == section }.map(\.name)
          refuse(section, name, "unknown key", names.joined(separator: " "))
        }
      }
    }
    if configuration.politeness.maxRetryDelay < configuration.politeness.retryDelay {
      let bound = DurationText.exact(configuration.politeness.retryDelay)
      refuse("politeness", "max_retry_delay", "is less than retry_delay", "\(bound) or more")
    }
    if let first = errors.min(by: { ($0.line ?? 0, $0.key ?? "") < ($1.line ?? 0, $1.key ?? "") }) { throw first }
    return configuration
  }

  private static let sections: [String] = {
    var names: [String] = []
    for key in keys where !names.contains(key.section) { names.append(key.section) }
    return names + namedSections + ["defaults"]
  }()

  /// Takes in the entries of a section that are chosen by name. Returns the errors.
  private mutating func takeEntries(
    of section: String, _ content: TOMLTable, _ finder: LineFinder
  ) -> [ConfigurationError] {
    var errors: [ConfigurationError] = []
    func refuse(_ path: [String], _ problem: String, _ accepted: String) {
      errors.append(
        ConfigurationError(
          file: fileName, line: finder.line(path), key: TerminalText.escape(path.joined(separator: ".")),
          problem: problem, accepted: accepted))
    }
    for name in content.keys {
      guard Self.isName(name) else {
        refuse([section, name], "is no name", Self.nameWords)
        continue
      }
      guard let entry = content[name]?.table else {
        refuse([section, name], "is no section", "[\(section).\(name)] and its keys")
        continue
      }
      var values: [String: ConfigurationValue] = [:]
      for key in entry.keys { values[key] = entry[key].map(ConfigurationValue.init) }
      lines["\(section).\(name)"] = finder.line([section, name])
      for (key, value) in values {
        lines["\(section).\(name).\(key)"] = finder.line([section, name, key])
        self.values["\(section).\(name).\(key)"] = value
      }
      do throws(EntryReader.Problem) {
        try take(section, name, values)
      } catch {
        refuse([section, name] + (error.key.map { [$0] } ?? []), error.text, error.accepted)
      }
    }
    return errors
  }

  private static func table(_ text: String, _ fileName: String) throws(ConfigurationError) -> TOMLTable {
    if text.utf8.count > maximumBytes {
      throw ConfigurationError(
        file: fileName, line: nil, key: nil, problem: "is larger than \(ByteCount.exact(Int64(maximumBytes)))",
        accepted: nil)
    }
    // The TOML library reads a C string: what follows a NUL would be lost in silence.
    if let position = text.utf8.firstIndex(of: 0) {
      let line = 1 + text.utf8[..<position].count { $0 == UInt8(ascii: "\n") }
      throw ConfigurationError(file: fileName, line: line, key: nil, problem: "holds a NUL byte", accepted: "TOML")
    }
    do {
      return try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      if let bare = bareText(in: text, line: error.source.begin.line, fileName) { throw bare }
      throw ConfigurationError(
        file: fileName, line: error.source.begin.line, key: nil,
        problem: "is no TOML: \(oneLine(error.description))", accepted: nil)
    } catch {
      throw ConfigurationError(file: fileName, line: nil, key: nil, problem: "is no TOML: \(error)", accepted: nil)
    }
  }

  private static func oneLine(_ text: String) -> String {
    TerminalText.escape(text.split(whereSeparator: \.isNewline).joined(separator: ", "))
  }
}
