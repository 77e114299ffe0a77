/// The store's figures for `status`. Sizes are bytes, durations microseconds.
package struct StoreStatus: Sendable, Equatable {
  package var sqliteVersion: String
  package var databaseBytes: Int
  package var walBytes: Int
  package var commits: Int
  package var visits: Int
  package var rows: Int
  package var lastCommitMicroseconds: Int64
  package var longestCommitMicroseconds: Int64
  package var checkpoints: Int
  package var lastCheckpointMicroseconds: Int64
  /// A reader kept the last checkpoint from copying everything.
  package var isCheckpointBlocked: Bool
  package var outstandingVisits: Int
  package var outstandingBytes: Int
  package var failure: StoreFailure?
}
