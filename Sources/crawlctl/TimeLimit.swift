import ArgumentParser
import Units

/// `--timeout` of the verbs that read the database.
enum TimeLimit {
  static func parse(_ text: String) throws -> Duration {
    let time: Duration
    do {
      time = try DurationText.parse(text)
    } catch {
      throw ValidationError("--timeout: \(error)")
    }
    if time == .zero {
      throw ValidationError(
        "--timeout: “\(text)” is no time in which something can be found; expected is more than 0: "
          + DurationText.accepted)
    }
    return time
  }
}
