/// The layout of `crawl.db`, as the statements that make it. `crawlctl query --schema` shows the `DataDictionary` instead.
///
/// The statements are frozen, their comments included: files of every version exist. A change is a new migration, never an
/// edit of a statement. So some comments in them are out of date, and where they differ, the `DataDictionary` is right: a
/// recrawl is a task of its own (`tasks.recrawl_of`), not a new row of `runs`, and delays are from request to request.
package enum Schema {
  /// "CRWL" in SQLite's header: the file is ours.
  package static let applicationID: Int64 = 0x4352_574C
  /// The newest layout that this program knows (SQLite's `user_version`).
  package static let version: Int64 = Int64(migrations.count)

  /// `migrations[n]` leads from version n to n + 1, each in one transaction.
  static let migrations: [[String]] = [
    version1, version2, version3, version4, version5, version6, version7, version8, version9, version10,
    version11, version12, version13, version14, version15, version16, version17, version18, version19, version20,
    version21, version22, version23, version24, version25, version26, version27, version28, version29, version30,
    version31, version32 + newSearch,
  ]

  /// All statements of version 1, in order.
  static let version1: [String] = databaseTables + taskTables + frontierTables + resultTables + indexes + views
}
