package import ArgumentParser
import Glibc
import Store
import Units

/// `crawlctl backup FILE`
package struct Backup: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Copies the results database to a file, while the crawl runs.",
    discussion: """
      The copy is the database as it was at one moment, whole and on disk when this ends, and for its owner alone. To go \
      on crawling from it, make a directory of it: mkdir -m 700 DIR; crawlctl backup DIR/crawl.db; crawld --data DIR. \
      What committed after that moment is fetched again there.
      """)

  @Argument(help: ArgumentHelp("The file to make.", valueName: "file"))
  var file: String

  @Flag(help: "Replace the file if it exists.")
  var force = false

  @Option(
    help: ArgumentHelp("The data directory; needs no daemon (default: that of the running daemon).", valueName: "dir"))
  var data: String?

  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    if file == "-" {
      throw ValidationError("a copy of a database is written to a file, not to stdout: name one, e.g. crawl-copy.db")
    }
    if file.isEmpty || file.hasSuffix("/") { throw ValidationError("a file must be named, e.g. crawl-copy.db") }
  }

  package func run() throws {
    let source = try DatabasePath.find(data: data, daemon)
    var status = stat()
    if stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw Failure(.usage, "crawlctl: \(file) is a directory; name a file in it")
    }
    StopSignals.take()
    let bytes = try copy(of: source)
    if daemon.json { return try Output.json(Report(file: file, bytes: bytes)) }
    Output.line("\(file): \(ByteCount.format(Int64(bytes))), a copy of \(source)")
  }

  private func copy(of source: String) throws(Failure) -> Int {
    do throws(DatabaseCopy.Failure) {
      return try DatabaseCopy.make(of: source, at: file, isReplacing: force, isUnwanted: { StopSignals.haveCome })
    } catch {
      throw Failure(error)
    }
  }

  /// The copy, as `--json` shows it.
  package struct Report: Encodable {
    var file: String
    var bytes: Int

    package init(file: String, bytes: Int) {
      self.file = file
      self.bytes = bytes
    }
  }
}

extension Failure {
  init(_ error: DatabaseCopy.Failure) {
    let status: ExitStatus =
      switch error {
      case .exists, .inUse, .log, .database: .refused
      case .stopped, .source, .target: .failed
      }
    self.init(status, "crawlctl: \(error)")
  }
}
