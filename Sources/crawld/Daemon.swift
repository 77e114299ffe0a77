internal import Control
internal import Crawl
internal import EventLoop
internal import Fetch
internal import Glibc
internal import Logging
internal import Names
internal import Store
internal import Units

/// The daemon from its start to its end: configuration, lock, crawler, control socket, signals.
actor Daemon: LoopActor {
  nonisolated let loop: EventLoop
  private let options: Options
  private var configuration: Configuration
  private let logger: Logger
  private let crawler: Crawler
  private var stopRequests = 0
  private var stopWaiter: CheckedContinuation<Void, Never>?
  /// What the configuration file said when it was read last, and nothing was wrong with it.
  private var reading: Options.Reading
  /// The secrets in force that were in files of their own, by the keys that name these.
  private let secrets: [String: Secret]
  private var isHurried = false
  private var listener: Listener?

  /// Runs until it is told to stop. A signal to stop that comes before it is ready ends the process at once: nothing has
  /// begun that a kill would harm, and to read what is there may take long.
  /// - Throws: `Refusal` when it can't start, or can't commit at its end.
  static func run(_ options: Options, loop: EventLoop) async throws {
    // What it makes is for its owner alone.
    umask(0o077)
    let desk = SignalDesk()
    do {
      let signals = try loop.signals(SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM)
      loop.startTask(name: "signals") { await loop.waiting(for: "a signal") { await desk.take(signals) } }
    } catch {
      throw Refusal(.failed, "signals can't be taken: \(error)")
    }
    let reading = try options.read()
    let configuration = reading.configuration
    let crawl = try options.crawl(configuration)
    var logger = Logger(label: "crawld") { _ in
      LogLine(logLevel: .info, format: configuration.daemon.logFormat)
    }
    logger.logLevel = Logger.Level(rawValue: configuration.daemon.logLevel.rawValue) ?? .info
    desk.logger = logger
    if let warning = options.warning(of: configuration) { logger.warning("\(warning)") }
    let directory = try DataDirectory(options.dataDirectory(configuration))
    logger.info("crawld \(Version.text) starts: data \(directory.path)")
    let crawler: Crawler
    do {
      crawler = try await Crawler.open(crawl, logger: logger, loop: loop)
    } catch let error as ResolverError {
      throw Refusal(.usage, "\(options.resolverSource(configuration, of: error)): \(error)")
    } catch {
      throw Refusal(.failed, "\(error)")
    }
    let slowCalls = SlowCallLog(logger)
    loop.reportSlowCalls(over: configuration.daemon.slowCall) { slowCalls.note($0, at: loop.now) }
    defer {
      loop.reportSlowCalls(over: .zero, nil)
      slowCalls.close()
    }
    let secrets = options.secretsInFiles(configuration, crawl)
    let daemon = Daemon(options, reading, secrets, logger: logger, crawler: crawler, loop: loop)
    try await daemon.serve(directory, desk)
  }

  private init(
    _ options: Options, _ reading: Options.Reading, _ secrets: [String: Secret], logger: Logger, crawler: Crawler,
    loop: EventLoop
  ) {
    self.loop = loop
    self.options = options
    self.reading = reading
    self.secrets = secrets
    configuration = reading.configuration
    self.logger = logger
    self.crawler = crawler
  }

  private func serve(_ directory: DataDirectory, _ desk: SignalDesk) async throws {
    do { try await crawler.recover() } catch {
      try? await crawler.stop(grace: nil)
      throw Refusal(.failed, "what an earlier daemon left can't be read: \(error)")
    }
    let path = options.socketPath(configuration)
    let descriptors = DescriptorBudget.reserve(limit: DescriptorBudget.raiseLimit())
    let server = ControlServer(
      loop: loop, handlers: Handlers(crawler: crawler, daemon: self).table,
      limits: ControlLimits(descriptors: descriptors),
      freeDescriptors: { [crawler] in crawler.assumeIsolated { $0.closeIdleConnections() } })
    let listen: Listening = { [loop] in
      try await ControlSocket.listen(at: path, lock: directory.lock, server, on: loop)
    }
    desk.daemon = self
    do {
      listener = try await listen()
    } catch {
      try? await crawler.stop(grace: nil)
      throw Refusal(.failed, "\(error)")
    }
    await crawler.begin()
    logger.notice("crawld \(Version.text) is ready: data \(directory.path), control socket \(path)")
    ServiceNotice.ready.send()
    sayAlive()
    keepSocket(path, listen)

    await untilToldToStop()
    ServiceNotice.stopping.send()
    let grace = isHurried ? nil : configuration.daemon.shutdownGrace
    logger.notice(
      "stopping\(grace == nil ? " at once" : "; fetches in flight may end within \(configuration.daemon.shutdownGrace)")"
    )
    var problem: (any Error)?
    do {
      // Meanwhile the socket answers a few methods, and takes shutdown --now.
      try await crawler.stop(grace: grace) { await self.closeSocket() }
    } catch { problem = error }
    if let problem { throw Refusal(.failed, "not everything could be committed; it is fetched again: \(problem)") }
    logger.notice("stopped; everything is committed")
  }

  private func closeSocket() {
    listener?.close()
    listener = nil
  }

  private typealias Listening = @Sendable () async throws -> Listener

  /// Between two looks at the socket's path, and when it could not be made again.
  private static let socketPeriod = (usual: Duration.seconds(2), afterFailure: Duration.seconds(30))

  /// Makes the socket again, as long as there is to be one, when somebody has removed it: nobody could steer the daemon any
  /// more. Something else that stands there is left as it is.
  private func keepSocket(_ path: String, _ listen: @escaping Listening, problem: String? = nil) {
    loop.callLater(problem == nil ? Self.socketPeriod.usual : Self.socketPeriod.afterFailure) {
      guard let listener = self.listener else { return }
      if listener.hasItsPath { return self.keepSocket(path, listen) }
      self.loop.startTask(name: "control: makes its socket again") {
        await self.renewSocket(path, listen, problem: problem)
      }
    }
  }

  /// - Parameter problem: why it could not be made before, which is not said again.
  private func renewSocket(_ path: String, _ listen: @escaping Listening, problem: String?) async {
    do {
      let renewed = try await listen()
      // Closed meanwhile: then this one closes as well.
      guard let old = listener else { return }
      // Who is connected to it is served on.
      old.close()
      listener = renewed
      logger.warning("somebody has removed the control socket \(path); it is made again")
      keepSocket(path, listen)
    } catch {
      let sentence = "the control socket is gone, and can't be made again: \(error)"
      if sentence != problem { logger.error("\(sentence)") }
      keepSocket(path, listen, problem: sentence)
    }
  }

  /// Tells a service manager that watches it, from the loop and until its end: one that hangs falls silent.
  private func sayAlive() {
    guard let period = ServiceNotice.alivePeriod else { return }
    ServiceNotice.alive.send()
    loop.callLater(period) { self.sayAlive() }
  }

  /// Every coroutine of the loop with a larger id, smallest first.
  func coroutines(after id: UInt64, limit: Int) -> [LoopCoroutineReport] {
    loop.snapshotTasks(after: id, limit: limit).map { LoopCoroutineReport($0, now: loop.now) }
  }

  // MARK: Told from outside

  func take(_ signal: Int32) async {
    if signal == SIGHUP { _ = try? reload() } else { await stop(now: isStopping) }
  }

  /// What the socket answers while the daemon ends: whatever else would not be true for long.
  private static let methodsAtTheEnd = [
    DaemonStatus.name, DaemonShutdown.name, CoroutineList.name, TaskList.name, TaskWait.name,
  ]

  /// Whether it has been told to stop.
  var isStopping: Bool { stopRequests > 0 }

  /// Why a method is not answered; nil when it is.
  nonisolated func refusal(of method: String) -> ControlError? {
    guard assumeIsolated({ $0.isStopping }), !Self.methodsAtTheEnd.contains(method) else { return nil }
    return ControlError(
      .unreachable,
      "the daemon is stopping: until its fetches have ended it answers status, ps, ls, wait and shutdown alone")
  }

  /// Ends the daemon in order; with `now` at once.
  func stop(now: Bool) async {
    stopRequests += 1
    if now {
      isHurried = true
      await crawler.hurry()
    }
    stopWaiter?.resume()
    stopWaiter = nil
  }

  private func untilToldToStop() async {
    await loop.waiting(for: "to be told to stop") {
      while stopRequests == 0 {
        await withCheckedContinuation { continuation in
          if stopRequests > 0 { continuation.resume() } else { stopWaiter = continuation }
        }
      }
    }
  }

  /// Reads the configuration file again. A wrong one changes nothing; of a right one the grace holds at once,
  /// everything else from the next start.
  /// - Returns: what holds from now on, in a sentence.
  /// - Throws: `ControlError` with the sentence that the file's error has.
  func reload() throws(ControlError) -> String {
    ServiceNotice.reloading.send()
    defer { ServiceNotice.ready.send() }
    let changes: [String]
    var options = options
    options.isReload = true
    do {
      reading = try options.read(knowing: reading)
      let read = reading.configuration
      let crawl = try options.crawl(read)
      let others = options.secretsInFiles(read, crawl).filter { (secrets[$0.key] ?? $0.value) != $0.value }
      changes = Set(read.differences(from: configuration)).union(others.keys).sorted()
      configuration.takeGrace(of: read)
    } catch {
      let sentence = "the configuration is unchanged: \(error.sentence)"
      logger.error("\(sentence)")
      throw ControlError(.failed, sentence)
    }
    let sentence = sentence(of: changes)
    logger.notice("\(sentence)")
    return sentence
  }
}

extension Daemon {
  /// What a right configuration file changes.
  private func sentence(of changes: [String]) -> String {
    if options.configurationFile == nil { return "there is no configuration file: crawld was started without --config" }
    if changes.isEmpty { return "the configuration is right; nothing differs from what is in force" }
    let later = changes.filter { $0 != Configuration.graceKey && options.option(over: $0) == nil }
    let never = changes.compactMap { key in options.option(over: key).map { "\(key) (\($0))" } }
    var sentence = "the configuration is right"
    if changes.contains(Configuration.graceKey) { sentence += "; \(Configuration.graceKey) holds at once" }
    if !later.isEmpty { sentence += "; from the next start: \(later.joined(separator: ", "))" }
    if !never.isEmpty { sentence += "; the command line wins over \(never.joined(separator: ", "))" }
    return sentence
  }
}

/// Where signals go: to the daemon, or before there is one, to the end. Confined to the loop's thread.
private final class SignalDesk: @unchecked Sendable {
  var daemon: Daemon?
  var logger: Logger?

  /// Those that would end the process though nobody who sends one wants that.
  private static let ignored = [
    SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2", SIGALRM: "SIGALRM", SIGVTALRM: "SIGVTALRM",
  ]

  func take(_ signals: AsyncStream<Int32>) async {
    for await signal in signals {
      if let name = Self.ignored[signal] {
        logger?.notice("\(name) is ignored; SIGTERM and SIGINT stop crawld, SIGHUP checks its configuration file again")
      } else if let daemon {
        await daemon.take(signal)
      } else if signal != SIGHUP {
        logger?.notice("stopped before it was ready; nothing had begun")
        _exit(0)
      }
    }
  }
}
