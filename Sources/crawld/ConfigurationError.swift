/// What is wrong with a configuration file, in one line: `FILE:LINE: key: what is wrong; accepted: what would be right`.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  package var file: String
  package var line: Int?
  /// `section.key`; nil when the file is no TOML.
  package var key: String?
  package var problem: String
  package var accepted: String?

  package init(file: String, line: Int?, key: String?, problem: String, accepted: String?) {
    self.file = file
    self.line = line
    self.key = key
    self.problem = problem
    self.accepted = accepted
  }

  package var description: String {
    var text = file
    if let line { text += ":\(line)" }
    if !text.isEmpty { text += ": " }
    if let key { text += "\(key): " }
    text += problem
    if let accepted { text += "; accepted: \(accepted)" }
    return text
  }
}
