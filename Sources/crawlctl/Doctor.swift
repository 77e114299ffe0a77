package import ArgumentParser
import Control
import Glibc
package import Store

/// `crawlctl doctor`
package struct Doctor: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Examines the results database, of a running or a stopped daemon, and says what is wrong with it.",
    discussion: """
      It changes nothing. It checks who may use the files, the layout, SQLite's integrity_check, that no row names \
      another that is not there (a link to an unknown URL), that every counter equals its recount, that no task knows a \
      URL twice, that what is done has its result and every page its links, that texts and bodies are what their hashes say and the full-text index \
      has all of them, and the length of the write-ahead log. One \
      line per finding, with --json a last one that says what was examined; exit code 1 when one of them is a problem. It reads all of the file, some of it several times.
      """)

  @Option(
    help: ArgumentHelp("The data directory; needs no daemon (default: that of the running daemon).", valueName: "dir"))
  var data: String?

  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    let path = try DatabasePath.find(data: data, daemon)
    let examination = Examination(path: path)
    for finding in examination.findings {
      if daemon.json {
        try Output.json(
          FindingLine(check: finding.check.rawValue, problem: finding.isProblem, message: finding.sentence))
      } else {
        Output.line("\(finding.isProblem ? "problem" : "note"): \(finding.check.rawValue): \(finding.sentence)")
      }
    }
    if daemon.json { try Output.json(ExaminationLine(examination)) }
    if examination.problems > 0 {
      throw Failure(.failed, "crawlctl: \(path) has \(Text.count(examination.problems, "problem"))")
    }
    if daemon.json { return }
    let extent = examination.extent
    Output.line(
      "\(path) is in order: \(Text.count(extent.tasks, "task")), \(Text.count(extent.urls, "URL")), "
        + "\(Text.count(extent.fetches, "fetch")), \(Text.count(extent.pages, "page"))")
  }
}

/// A finding as `--json` shows it.
package struct FindingLine: Encodable {
  var check: String
  var problem: Bool
  var message: String

  package init(check: String, problem: Bool, message: String) {
    self.check = check
    self.problem = problem
    self.message = message
  }
}

/// What was examined, as `--json` shows it.
package struct ExaminationLine: Encodable {
  var database: String
  var problems: Int
  var tasks: Int
  var urls: Int
  var fetches: Int
  var pages: Int

  package init(_ examination: Examination) {
    let extent = examination.extent
    (database, problems) = (examination.path, examination.problems)
    (tasks, urls, fetches, pages) = (extent.tasks, extent.urls, extent.fetches, extent.pages)
  }
}

/// Where the database is, for verbs that read it themselves.
enum DatabasePath {
  /// In the data directory that was named, or where the daemon has it.
  static func find(data: String?, _ daemon: DaemonOptions) throws -> String {
    if let data {
      var status = stat()
      if stat(data, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
        throw Failure(.usage, "crawlctl: --data takes the data directory, which \(data) is not")
      }
      try requireAccess(data, X_OK, "there is no data directory")
      return data + (data.hasSuffix("/") ? "" : "/") + "crawl.db"
    }
    return try ask(daemon, otherwise: "name the data directory with --data")
  }

  /// The file that was named, or where the daemon has it.
  static func find(database: String?, _ daemon: DaemonOptions) throws -> String {
    if let database {
      try requireAccess(database, R_OK, "there is no database")
      return database
    }
    return try ask(daemon, otherwise: "name the file with --database")
  }

  /// Throws what the user has to know of a path that cannot be reached: that there is none, or no permission.
  private static func requireAccess(_ path: String, _ mode: Int32, _ nothing: String) throws {
    if access(path, mode) == 0 { return }
    switch errno {
    case EACCES, EPERM: throw Failure(.permission, "crawlctl: \(path): \(SystemText.describe(errno))")
    case ENOENT, ENOTDIR: throw Failure(.failed, "crawlctl: \(nothing) \(path)")
    default: break
    }
  }

  private static func ask(_ daemon: DaemonOptions, otherwise: String) throws -> String {
    do {
      return try Session.ask(DaemonStatus.self, NoParameters(), daemon).database
    } catch let error as ControlError where error.code == .unreachable {
      throw Failure(.unreachable, "crawlctl: \(error.message); or \(otherwise)")
    }
  }
}
