/// A visit that was handed over. An object that all its holders share: to copy the record would retain everything in it.
final class PendingVisit: Sendable {
  let record: VisitRecord
  let rows: Int
  let bytes: Int

  init(_ record: VisitRecord) {
    self.record = record
    rows = record.rows
    bytes = record.approximateBytes
  }
}
