import Glibc

/// How much of the processor this program wants. Not for verbs that read one state of the database for long: a slow reader
/// keeps the write-ahead log from starting anew.
enum Niceness {
  /// A crawl that wants the processor has it first: a tenth of its time is left where others want it, and all of it where
  /// nobody does.
  static func giveWay() { _ = nice(10) }
}
