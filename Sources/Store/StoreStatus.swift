/// The store's figures for `status`. Sizes are bytes, durations microseconds.
package struct StoreStatus: Sendable, Equatable {
  package var sqliteVersion: String
  package var databaseBytes: Int
  package var walBytes: Int
  /// Room on the file system of the database when it was looked at last; `nil` when it tells nothing.
  package var freeBytes: Int?
  package var commits: Int
  package var visits: Int
  package var rows: Int
  package var lastCommitMicroseconds: Int64
  package var longestCommitMicroseconds: Int64
  /// How often one was tried.
  package var checkpoints: Int
  package var lastCheckpointMicroseconds: Int64
  /// The last checkpoint did not empty the log: a reader is in the way, or it failed.
  package var isCheckpointBlocked: Bool
  /// Why it did not, as a sentence.
  package var checkpointProblem: String?
  /// A reader has kept the log from starting anew for `StorePolicy.longReaderTime`.
  package var longReader: LongReader?
  /// Why the log could not be copied, when no reader was in the way.
  package var checkpointFailure: String?
  /// How often a step of merging the full-text index was tried.
  package var merges: Int
  /// Why the last one failed; `nil` when it did not.
  package var mergeFailure: String?
  package var outstandingVisits: Int
  package var outstandingBytes: Int
  package var failure: StoreFailure?
}
