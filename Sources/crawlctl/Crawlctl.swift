// crawlctl: how a person, or a script, steers and asks the daemon.
//
// One file per verb. A verb turns its arguments into a request of the control protocol, and the reply into a table for
// people or, with --json, into one JSON object per line for programs. Results go to stdout; progress, hints and errors
// to stderr, one line each. `Session` runs a verb's coroutine on an event loop; `ExitStatus` says what it ended as.
//
// Every text that came from the web is escaped before it is shown (`TextTable` and `Output` do it for their callers).
//
// It keeps no state and knows no default of a task's setting: what the user typed goes to the daemon as it is, and the
// daemon's answer is shown as it is.

package import ArgumentParser
import Glibc
import Units

package struct Crawlctl: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "crawlctl",
    abstract: "Steers crawld, the crawler daemon, and asks it what it does and what it found.",
    discussion: """
      TASK is a task's id, its name, or the beginning of its name; cancel and rm, which nothing takes back, want the \
      whole name. Durations are a number with ms, s, m, h or d (a bare number is seconds); sizes a number with kB, MB, \
      KiB, MiB …

      Exit codes: 0 ok, 1 failed, 2 usage, 3 daemon not reachable, 4 no such task, host or URL, 5 refused in this \
      state, 6 timed out, 7 permission, 8 some failed; of run and wait: 10 failed, 11 paused, 12 cancelled, 13 a quota \
      was reached, 130 detached.
      """,
    version: Version.text,
    subcommands: [
      Run.self, Add.self, OfferSeeds.self, Seal.self, ListTasks.self, ShowTask.self, ListCoroutines.self,
      ListHosts.self, Top.self, Wait.self, Pause.self,
      Resume.self, Cancel.self, Retry.self, Remove.self, ChangeSettings.self, Events.self, Why.self, ShowURL.self,
      Query.self, Search.self, CompareTasks.self, Export.self, Doctor.self, Backup.self, Status.self, BlockHost.self,
      UnblockHost.self,
      Reload.self,
      Shutdown.self,
      Check.self,
      ShowShapes.self,
      Completions.self,
    ])

  package init() {}

  /// Parses the arguments, runs the verb, and ends the process with its exit code.
  package static func main() {
    // A reader that went away, and a file that may not grow, are errors of a write: each verb then ends as it does on a full
    // disk, and leaves nothing half made behind.
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    do {
      if let text = ArgumentText.firstInvalid {
        throw Failure(.usage, "crawlctl: the argument “\(text)” is no UTF-8 text")
      }
      let arguments = CommandLine.arguments.dropFirst()
      if let failure = unknownVerb(in: arguments) ?? emptyOption(in: arguments) { throw failure }
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let failure = Failure(error, in: self, verb: verb(in: CommandLine.arguments.dropFirst()))
      if let text = failure.help { Output.write(text) }
      if let message = failure.message { Output.diagnostic(message) }
      failure.status.exit()
    }
  }

  /// What is said of a first word that is no verb, or of one that help is asked for; nil when it is one, or there is none.
  package static func unknownVerb(in arguments: some Sequence<String>) -> Failure? {
    var words = Array(arguments.prefix(3))
    if words.first == "help", words.count > 1 { words.removeFirst() }
    guard let word = words.first, !word.hasPrefix("-") else { return nil }
    if !verbs.contains(word) { return unknown("verb", word, of: verbs, help: "--help") }
    guard word == Check._commandName, words.count > 1, !words[1].hasPrefix("-") else { return nil }
    let kinds = Check.configuration.subcommands.map { $0._commandName }
    return kinds.contains(words[1]) ? nil : unknown("kind", words[1], of: kinds, help: "help check")
  }

  /// What is said of an option that has a `=` and nothing after it; nil when there is none.
  package static func emptyOption(in arguments: some Sequence<String>) -> Failure? {
    let words = Array(arguments)
    let named = { (word: String?, commands: [any ParsableCommand.Type]) in commands.first { $0._commandName == word } }
    guard let verb = named(words.first, configuration.subcommands) else { return nil }
    let kind = words.count > 1 ? named(words[1], verb.configuration.subcommands) : nil
    let option = EmptyOption.first(in: words) { helpMessage(for: kind ?? verb) }
    return option.map {
      Failure(.usage, "crawlctl: “\($0)” has no value (crawlctl help \(self.verb(in: words)) tells what is accepted)")
    }
  }

  private static let verbs = configuration.subcommands.map { $0._commandName } + ["help"]

  private static func unknown(_ noun: String, _ word: String, of words: [String], help: String) -> Failure {
    let meant = NearestWord.among(words, to: word).map { "; did you mean “\($0)”?" } ?? ""
    return Failure(.usage, "crawlctl: no \(noun) “\(word)”\(meant) (crawlctl \(help) lists them)")
  }

  /// The verb of a command line as `help` takes it: `ls`, `check robots`.
  package static func verb(in arguments: some Sequence<String>) -> String {
    let words = Array(arguments.prefix(2))
    guard let verb = words.first, verbs.contains(verb), verb != "help" else { return "VERB" }
    let kinds = Check.configuration.subcommands.map { $0._commandName }
    return verb == Check._commandName && words.count > 1 && kinds.contains(words[1]) ? "\(verb) \(words[1])" : verb
  }
}
