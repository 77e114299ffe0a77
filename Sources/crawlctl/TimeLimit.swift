import ArgumentParser
import Units

/// The duration that an option is given.
enum DurationOption {
  /// - Parameter option: its name, as typed.
  static func parse(_ text: String, of option: String) throws -> Duration {
    do { return try DurationText.parse(text) } catch { throw ValidationError("\(option): \(error)") }
  }
}

/// `--timeout` of the verbs that read the database.
enum TimeLimit {
  static func parse(_ text: String) throws -> Duration {
    let time = try DurationOption.parse(text, of: "--timeout")
    if time == .zero {
      throw ValidationError(
        "--timeout: “\(text)” is no time in which something can be found; expected is more than 0: "
          + DurationText.accepted)
    }
    return time
  }
}
