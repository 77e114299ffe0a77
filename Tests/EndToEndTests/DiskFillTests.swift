import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// A daemon on a file system of its own that is too small.
  @Suite struct DiskFill {
    /// Mounts a small file system at its first argument, for itself alone, and becomes the rest.
    private static let onItsOwn =
      "mkdir -m 700 \"$1\" && mount -t tmpfs -o size=8m,mode=700 tmpfs \"$1\" && shift && exec \"$@\""

    /// What runs a program there, in a user namespace if this user may mount nothing; nil where that is not permitted.
    private static func mounter(_ stage: Stage) async throws -> [String]? {
      for (number, user) in [[], ["--user", "--map-root-user"]].enumerated() {
        let words = ["/usr/bin/unshare", "--mount"] + user + ["/bin/sh", "-c", onItsOwn, "sh"]
        let probe = ["\(stage.directory)/probe\(number)", "/bin/true"]
        if try await stage.loop.run(words[0], words.dropFirst() + probe).code == 0 { return words + [stage.data] }
      }
      return nil
    }

    /// Bytes to be left free by the guard, and those that the ballast leaves.
    @Test(arguments: [(4 << 20, 3 << 20), (0, 0)])
    func aFileSystemThatFillsHoldsTheCrawlUpUntilThereIsRoom(limit: Int, left: Int) throws {
      try Stage.play(Site(hosts: 1, pages: 300)) { stage in
        guard let mounter = try await Self.mounter(stage) else {
          return Soak.say("a file system that fills: not tried, since this user may not mount one (unshare --mount)")
        }
        try stage.configure("[store]\nmin_free = \(limit)\nmin_free_percent = 0\ncheckpoint = \"1MiB\"")
        // The file system lasts as long as somebody has it open.
        let (folder, status) = try await stage.withDaemon(under: mounter) { daemon in
          let inside = "/proc/\(daemon.process.id)/root\(stage.data)"
          let folder = open(inside, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
          try #require(folder >= 0)
          try await stage.add("filling", ["--store", "all"], seeds: [stage.url("/")])
          try await stage.web.waitForRequests(40)
          try fill("\(inside)/ballast", leaving: left)
          try await stage.expectHold("disk", of: "filling", saying: limit > 0 ? " free" : "the disk is full")
          try await expectAnswers(stage)
          unlink("\(inside)/ballast")
          try await stage.control("wait", "filling", "--for", "done")
          return folder
        }
        defer { close(folder) }
        #expect(status.isSuccess)
        var copy = stage
        copy.dataName = "copy"
        let copied = try await stage.loop.run("/bin/cp", ["-a", "/proc/\(getpid())/fd/\(folder)/.", copy.data])
        #expect(copied.code == 0, "\(copied)")
        try await copy.expectComplete(hosts: [0])
      }
    }

    /// Whoever asks is answered, and a change that can't be stored is said to be so.
    private func expectAnswers(_ stage: Stage) async throws {
      let page = stage.url("/")
      for verb in [
        ["ls"], ["ps"], ["ps", "--all"], ["hosts"], ["top", "--once"], ["why", "h0.test"], ["why", page],
        ["url", page],
        ["show", "filling"], ["status"],
      ] {
        let answered = try await stage.crawlctl(verb)
        #expect(answered.code == 0, "\(verb): \(answered)")
      }
      for verb in [
        ["set", "filling", "max_pages=100000"], ["pause", "filling"], ["resume", "filling"],
        ["block", "h0.test", "--for", "1s"], ["unblock", "h0.test"],
      ] {
        let answered = try await stage.crawlctl(verb)
        #expect(
          answered.code == 0 || answered.code == 1 && answered.errors.contains("could not be stored"),
          "\(verb): \(answered)")
      }
    }

    /// Writes a file until so many bytes are left.
    private func fill(_ path: String, leaving left: Int) throws {
      let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
      try #require(file >= 0)
      defer { close(file) }
      let block = [UInt8](repeating: 1, count: 4_096)
      while true {
        var status = statvfs()
        try #require(fstatvfs(file, &status) == 0)
        if Int(status.f_bavail * status.f_frsize) <= left { return }
        if write(file, block, block.count) < 0 { return }
      }
    }
  }
}
