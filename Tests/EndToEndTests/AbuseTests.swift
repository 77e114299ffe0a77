import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// Users of the control socket as nobody wants them, and places for it that are not safe. `scripts/soak abuse` has them for
  /// ten minutes, and measures what they cost.
  @Suite struct Abuse {
    private static let seconds = Soak.number("ABUSE_SECONDS", usual: 0)
    private static let clients = 64

    @Test func aCrawlGoesOnAmongThem() throws {
      let isMeasured = Self.seconds > 0
      let site = isMeasured ? Site(hosts: 50, pages: 1_000_000) : Site(hosts: 3, pages: 200)
      try Stage.play(site, limit: .seconds(120 + 2 * Self.seconds)) { stage in
        if isMeasured { try stage.replaceConfiguration("") }
        let (_, status) = try await stage.withDaemon { daemon in
          try await stage.control(
            ["add", "--name", "steady", "--delay", isMeasured ? "100ms" : "0", "--concurrency", "2"]
              + (0..<site.hosts).map { stage.url("/", host: $0) })
          try await stage.web.waitForRequests(3 * site.hosts)
          let user = User(stage)
          let before = Footprint(of: daemon.process.id)
          if isMeasured { try await Self.measure(stage, daemon, user) } else { try await Self.play(stage, user) }
          // Who has left is gone, with all that was kept for him, as soon as what he had sent is read.
          var after = Footprint(of: daemon.process.id)
          for _ in 0..<1_000 where after.descriptors > before.descriptors + 8 {
            try await user.ask()
            after = Footprint(of: daemon.process.id)
          }
          #expect(after.descriptors <= before.descriptors + 8, "\(before) \(after)")
          #expect(after.highestBytes < before.bytes + 256 << 20, "\(before) \(after)")
          if !isMeasured { try await stage.control("wait", "steady", "--for", "done") }
        }
        #expect(status.isSuccess)
        if isMeasured { try await stage.expectSound() } else { try await stage.expectComplete(hosts: [0, 1, 2]) }
      }
    }

    /// Each of the clients does some things; meanwhile a user asks, and is answered or told why not.
    private static func play(_ stage: Stage, _ user: User) async throws {
      let ended = try await withThrowingTaskGroup(of: Ended?.self) { group in
        group.addTask { try await stage.abuse(["--clients", "\(clients)", "--acts", "4"]) }
        group.addTask {
          while !Task.isCancelled { try await user.ask() }
          return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
      }
      #expect(ended?.code == 0, "\(ended?.description ?? "")")
      #expect(ended?.output.contains(#""strange":[]"#) == true)
      #expect(user.answers > 0)
    }

    private static func measure(_ stage: Stage, _ daemon: Daemon, _ user: User) async throws {
      let alone = try await rate(stage, user, seconds: min(seconds, 60))
      let calm = user.forget()
      var highest = Footprint(of: daemon.process.id)
      let abused = try await stage.withAbuse(clients: clients) {
        try await rate(stage, user, seconds: seconds) {
          let now = Footprint(of: daemon.process.id)
          highest.descriptors = max(highest.descriptors, now.descriptors)
        }
      }
      #expect(abused.ended?.code == 0, "\(abused.ended?.description ?? "")")
      highest.highestBytes = Footprint(of: daemon.process.id).highestBytes
      let (p50, p99, refusals) = (user.percentile(50), user.percentile(99), user.refusals)
      Soak.say(
        "\(clients) clients for \(seconds) s: \(Int(alone)) fetches per second alone, \(Int(abused.rate)) among them "
          + "(\(Int((1_000 * abused.rate / alone).rounded()) / 10) %); status p50 \(p50) ms, p99 \(p99) ms (alone "
          + "\(calm.percentile(50)) and \(calm.percentile(99))), \(refusals) of \(user.answers + refusals) refused; at most "
          + "\(highest.highestBytes >> 20) MiB and \(highest.descriptors) descriptors")
      Soak.say("what they did: \(abused.ended?.output.split(separator: "\n").first ?? "")")
      #expect(abused.rate > 0.95 * alone)
      #expect(p99 <= 50)
      #expect(refusals * 100 <= user.answers)
      #expect(highest.descriptors < 300)
    }

    /// Requests per second that the server has seen, while the user asks twenty times a second.
    private static func rate(
      _ stage: Stage, _ user: User, seconds: Int, _ look: () -> Void = {}
    ) async throws -> Double {
      let (count, began) = (await stage.web.log.count, Instant.monotonicNow)
      while Instant.monotonicNow - began < .seconds(seconds) {
        try await user.ask()
        look()
        try await stage.loop.sleep(for: .milliseconds(50))
      }
      return Double(await stage.web.log.count - count) / ((Instant.monotonicNow - began) / .seconds(1))
    }

    // MARK: Who and where

    /// The socket and its directory are open to everybody, against all that the daemon does: another user gets no further.
    @Test(.enabled(if: geteuid() == 0)) func anotherUserIsRefused() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          let stranger = ["--reuid", "65534", "--regid", "65534", "--clear-groups"]
          let tool = "\(stage.directory)/crawlctl"
          _ = try await stage.loop.run("/bin/cp", [Programs.crawlctl, tool])
          chmod(stage.directory, 0o755)
          chmod(tool, 0o755)
          let arguments = stranger + [tool, "status", "--socket", stage.socket]
          let kept = try await stage.loop.run("setpriv", arguments)
          #expect(kept.code == 7 && kept.errors.contains("belongs to another user"), "\(kept)")
          chmod("\(stage.directory)/control", 0o777)
          chmod(stage.socket, 0o777)
          let refused = try await stage.loop.run("setpriv", arguments)
          #expect(refused.code == 7 && refused.errors.contains("user 65534 may not steer this daemon"), "\(refused)")
          let database = "\(stage.data)/crawl.db"
          for question in [["query", "SELECT 1", "--database", database], ["doctor", "--data", stage.data]] {
            let ended = try await stage.loop.run("setpriv", stranger + [tool] + question)
            #expect(ended.code == 7 && ended.errors.contains("Permission denied"), "\(ended)")
          }
          try await stage.control("status")
        }
      }
    }

    /// What is not safe is left as it is, and said in a sentence.
    @Test func placesThatAreNotSafe() throws {
      try Stage.play { stage in
        let here = stage.directory
        let others = "\(here)/others"
        mkdir(others, 0o700)
        chmod(others, 0o777)
        symlink("\(here)/elsewhere", "\(here)/link")
        mkdir("\(here)/files", 0o700)
        symlink("\(here)/elsewhere", "\(here)/files/crawld.lock")
        mkdir("\(here)/queue", 0o700)
        mkfifo("\(here)/queue/crawl.db", 0o600)
        mkdir("\(here)/writable", 0o700)
        try TextFile.write("", to: "\(here)/writable/crawl.db")
        chmod("\(here)/writable/crawl.db", 0o666)
        let cases: [(options: [String], code: Int32, sentence: String)] = [
          (["--data", others], 7, "everybody may write in it"),
          (["--data", "\(here)/files"], 7, "crawld.lock is a symbolic link"),
          (["--data", "\(here)/queue"], 1, "crawl.db is no file"),
          (["--data", "\(here)/writable"], 7, "crawl.db: everybody may write to it"),
          (["--socket", "\(here)/link"], 1, "this is no socket; it is left as it is"),
          (["--socket", "\(others)/s"], 1, "everybody may write in \(others)"),
        ]
        for (options, code, sentence) in cases {
          let ended = try await stage.failingDaemon(options)
          #expect(ended.code == code && ended.errors.contains(sentence), "\(options) \(ended)")
        }
        #expect(access("\(here)/elsewhere", F_OK) != 0)
        var status = stat()
        #expect(lstat("\(here)/link", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
      }
    }

    @Test(.enabled(if: geteuid() == 0)) func whatBelongsToOthersIsNotTaken() throws {
      try Stage.play { stage in
        let directory = "\(stage.directory)/theirs"
        mkdir(directory, 0o700)
        symlink("\(stage.directory)/elsewhere", "\(directory)/crawl.db")
        lchown("\(directory)/crawl.db", 65_534, 65_534)
        let ended = try await stage.failingDaemon(["--data", directory])
        #expect(ended.code == 7 && ended.errors.contains("crawl.db belongs to another user (65534)"), "\(ended)")
        #expect(access("\(stage.directory)/elsewhere", F_OK) != 0)
      }
    }
  }
}

/// A user who asks for the status, each time by a connection of its own, as `crawlctl status` does.
private final class User: @unchecked Sendable {
  private let stage: Stage
  private var times: [Duration] = []
  private(set) var refusals = 0

  init(_ stage: Stage) { self.stage = stage }

  var answers: Int { times.count }

  func ask() async throws {
    let began = Instant.monotonicNow
    let connection = try await stage.loop.connect(to: .unix(path: stage.socket))
    defer { connection.close() }
    try await connection.write(#"{"jsonrpc":"2.0","id":1,"method":"daemon.status"}"# + "\n")
    let reply = String(decoding: try await connection.readLine(limit: 1 << 20) ?? [], as: UTF8.self)
    if reply.hasPrefix(#"{"id":1,"jsonrpc":"2.0","result":{"#) {
      times.append(Instant.monotonicNow - began)
    } else {
      refusals += 1
      #expect(reply.contains("-32010") && reply.contains("64 clients"), "\(reply)")
    }
  }

  /// Milliseconds within which so many in a hundred were answered.
  func percentile(_ share: Int) -> Double {
    let sorted = times.sorted()
    guard !sorted.isEmpty else { return .infinity }
    return (sorted[min(sorted.count - 1, sorted.count * share / 100)] / .milliseconds(1) * 10).rounded() / 10
  }

  /// What has been measured so far, as a user of its own.
  func forget() -> User {
    let past = User(stage)
    (past.times, past.refusals) = (times, refusals)
    (times, refusals) = ([], 0)
    return past
  }
}

extension Stage {
  fileprivate func abuse(_ options: [String]) async throws -> Ended {
    try await loop.run("\(Programs.directory)/abuse-control", [socket] + options)
  }

  /// Runs `body` among clients that wait for what the daemon does, and ends them.
  fileprivate func withAbuse(
    clients: Int, _ body: @escaping () async throws -> Double
  ) async throws -> (rate: Double, ended: Ended?) {
    var command = Command("\(Programs.directory)/abuse-control", [socket, "--clients", "\(clients)", "--patient", "1"])
    command.standardInput = .null
    let ((rate, output), status) = try await loop.spawn(command, Abusing(body: body))
    guard case .exited(let code) = status else { return (rate, nil) }
    return (rate, Ended(code: code, output: output, errors: ""))
  }
}

private struct Abusing: ProcessProtocol {
  let body: () async throws -> Double

  func run(_ process: ChildProcess) async throws -> (Double, String) {
    let rate = try await body()
    try process.send(signal: SIGTERM)
    return (rate, String(decoding: try await process.pipe.readLine(limit: 1 << 20) ?? [], as: UTF8.self))
  }
}
