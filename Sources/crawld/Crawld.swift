internal import Address
internal import ArgumentParser
internal import EventLoop
internal import Glibc
internal import Units

/// The daemon, as `Sources/crawld-program` starts it: the process's first thread becomes the loop's.
package func runDaemon() {
  // A log that may not grow is one that can't be written: its lines are dropped, and the daemon goes on.
  signal(SIGXFSZ, SIG_IGN)
  Crawld.main()
}

/// The command line of the daemon.
struct Crawld: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crawld",
    abstract: "A crawler that runs as a daemon: steer it with crawlctl, query crawl.db in its data directory.",
    discussion: """
      Runs in the foreground and logs to stderr. SIGTERM and SIGINT let fetches end and commit; a second signal, or one \
      before it is ready, stops at once; both lose nothing. SIGHUP checks the configuration file again. SIGUSR1, SIGUSR2, \
      SIGALRM and SIGVTALRM are ignored.
      """,
    version: Version.text)

  @Option(
    help: ArgumentHelp(
      "Configuration file (TOML); config/crawld.toml explains every key. Default: none, every key has its default.",
      valueName: "file"))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "Directory of the database; made when it is not there. Default: /var/lib/crawld for root, else "
        + "$XDG_STATE_HOME/crawld (~/.local/state/crawld).", valueName: "dir"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Control socket. Default: /run/crawld/crawld.sock for root, else $XDG_RUNTIME_DIR/crawld.sock, else crawld.sock "
        + "in the default data directory.", valueName: "path"))
  var socket: String?

  @Option(
    name: .customLong("allow-network"),
    help: ArgumentHelp(
      "A private or special-purpose network that may be crawled, e.g. 127.0.0.0/8; repeatable. Added to [network] allow "
        + "of the configuration.", valueName: "cidr"))
  var allowedNetworks: [String] = []

  @Option(
    name: .customLong("hosts-file"),
    help: ArgumentHelp(
      "Names in hosts(5) format, asked before DNS. Default: none, /etc/hosts is not read.", valueName: "file"))
  var hostsFile: String?

  @Flag(help: "Check the configuration, say what is wrong with it, and end: 0 when nothing is, else 2.")
  var checkConfig = false

  mutating func validate() throws {
    for (option, path) in [
      ("--config", config), ("--data", data), ("--socket", socket), ("--hosts-file", hostsFile),
    ] where path?.isEmpty == true {
      throw ValidationError("\(option) is empty; accepted: a path")
    }
    for text in allowedNetworks {
      do { _ = try Network(text) } catch { throw ValidationError("--allow-network \(text): \(error)") }
    }
  }

  func run() throws {
    let options = Options(
      configurationFile: config, data: data, socket: socket, allowedNetworks: allowedNetworks, hostsFile: hostsFile)
    if checkConfig {
      if let warning = try options.check() { StandardError.write("crawld: warning: \(warning)") }
      return print(
        config.map { "\($0): the configuration is right" } ?? "there is no configuration file: all is as built in")
    }
    let loop: EventLoop
    do { loop = try EventLoop() } catch { throw Refusal(.failed, "the event loop can't start: \(error)") }
    let code = try loop.runUntilComplete { () async throws -> Int32 in
      do {
        try await Daemon.run(options, loop: loop)
        return 0
      } catch let refusal as Refusal {
        refusal.print()
        return refusal.code.rawValue
      }
    }
    // Threads may still be reading a page that nobody waits for, so what they use must not be torn down; nothing that
    // exit(3) would do is wanted.
    _exit(code)
  }

  /// As ArgumentParser's own, but wrong usage ends with 2.
  static func main() {
    do {
      if let text = ArgumentText.firstInvalid { throw ValidationError("the argument “\(text)” is no UTF-8 text") }
      if let option = EmptyOption.first(in: CommandLine.arguments.dropFirst(), help: { helpMessage() }) {
        throw ValidationError("“\(option)” has no value")
      }
      var command = try Self.parseAsRoot()
      try command.run()
    } catch let refusal as Refusal {
      refusal.print()
      Glibc.exit(refusal.code.rawValue)
    } catch {
      let code = exitCode(for: error)
      if code == .validationFailure {
        let text = message(for: error).split(separator: "\n").joined(separator: " ")
        Refusal(.usage, "\(text) (crawld --help tells what is accepted)").print()
        Glibc.exit(Refusal.Code.usage.rawValue)
      }
      exit(withError: error)
    }
  }
}
