import Glibc

/// What `scripts/soak` asks of a test beyond what `scripts/test` has the time for.
enum Soak {
  /// The number in the environment variable CRAWLD_SOAK_<name>; `usual` when there is none.
  static func number(_ name: String, usual: Int) -> Int {
    getenv("CRAWLD_SOAK_\(name)").flatMap { Int(String(cString: $0)) } ?? usual
  }

  /// Says a line that `scripts/soak` shows. `scripts/test` shows it among its own.
  static func say(_ line: String) {
    print("soak: \(line)")
    fflush(nil)
  }
}
