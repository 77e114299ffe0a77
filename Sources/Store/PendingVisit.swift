/// A visit that was handed over. One for all who hold it: a copy of a record counts the references to all that it has.
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
