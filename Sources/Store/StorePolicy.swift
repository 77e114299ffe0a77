/// When groups begin and what bounds them. The defaults are the product's; tests name their own.
package struct StorePolicy: Sendable {
  /// From the start of one group to the start of the next (10 ms), unless a limit is reached before.
  package var groupInterval: Duration
  /// A group of this many visits begins at once, and is not longer.
  package var groupVisits: Int
  /// A group of this many rows begins at once; one that a visit takes above it ends with this visit.
  package var groupRows: Int
  /// A group of this many bytes begins at once.
  package var groupBytes: Int
  /// How long after a failed commit it is tried again.
  package var retryInterval: Duration
  /// Bytes of the write-ahead log above which a commit is followed by a checkpoint.
  package var checkpointBytes: Int
  /// How long after a checkpoint that a reader blocked it is tried again, at most; at first a 64th of it.
  package var checkpointRetryInterval: Duration
  /// A reader that blocks checkpoints for so long is reported.
  package var longReaderTime: Duration
  /// How long after a checkpoint that failed it is tried again.
  package var checkpointFailureInterval: Duration
  /// The size to which the write-ahead log is cut when all of it was copied to the database.
  package var journalSizeLimit: Int
  /// A shortage begins when the file system of the database has less free than this, in bytes.
  package var minFreeBytes: Int
  /// The same as a share of the file system, in percent.
  package var minFreePercent: Int
  /// How often free space is checked during a shortage; 64 times as often while the file gives back room that it does not need.
  package var shortageInterval: Duration
  /// Pages by which the file gets shorter at a time in a shortage.
  package var vacuumPages: Int
  /// Pages of the full-text index that one step of its merging writes, about.
  package var mergePages: Int
  /// Segments of the full-text index above which no text is written before some are merged.
  package var segments: Int
  /// How long after a step that failed it is tried again.
  package var mergeFailureInterval: Duration
  /// A full-text index with more pages is not emptied beside a crawl when the last text goes, but at the next start.
  package var emptiedIndexPages: Int
  /// How long the answer to a user's question may take.
  package var answerTime: Duration

  package init(
    groupInterval: Duration = .milliseconds(10), groupVisits: Int = 512, groupRows: Int = 20_000,
    groupBytes: Int = 8 << 20, retryInterval: Duration = .seconds(1), checkpointBytes: Int = 16 << 20,
    checkpointRetryInterval: Duration = .seconds(1), longReaderTime: Duration = .seconds(10),
    checkpointFailureInterval: Duration = .seconds(10),
    journalSizeLimit: Int = 64 << 20, minFreeBytes: Int = 0, minFreePercent: Int = 0,
    shortageInterval: Duration = .seconds(1), vacuumPages: Int = 256, mergePages: Int = 64, segments: Int = 200,
    mergeFailureInterval: Duration = .seconds(10), emptiedIndexPages: Int = 2_000,
    answerTime: Duration = .seconds(5)
  ) {
    self.groupInterval = groupInterval
    self.groupVisits = groupVisits
    self.groupRows = groupRows
    self.groupBytes = groupBytes
    self.retryInterval = retryInterval
    self.checkpointBytes = checkpointBytes
    self.checkpointRetryInterval = checkpointRetryInterval
    self.longReaderTime = longReaderTime
    self.checkpointFailureInterval = checkpointFailureInterval
    self.journalSizeLimit = journalSizeLimit
    self.minFreeBytes = minFreeBytes
    self.minFreePercent = minFreePercent
    self.shortageInterval = shortageInterval
    self.vacuumPages = vacuumPages
    self.mergePages = mergePages
    self.segments = segments
    self.mergeFailureInterval = mergeFailureInterval
    self.emptiedIndexPages = emptiedIndexPages
    self.answerTime = answerTime
  }
}
