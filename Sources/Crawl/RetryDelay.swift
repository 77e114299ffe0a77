/// How long what has failed waits for its next try; microseconds.
struct RetryDelay: Sendable {
  let first: Int64
  let longest: Int64

  /// The least that is waited after so many failures in a row: twice as long after each.
  func least(after failures: Int) -> Int64 {
    min(max(first, longest), first << Int64(min(max(failures - 1, 0), 16)))
  }

  /// That and up to half of it at random, so that what has failed together does not come back together.
  func next(after failures: Int) -> Int64 {
    let least = least(after: failures)
    return least + Int64.random(in: 0...max(1, least / 2))
  }
}
