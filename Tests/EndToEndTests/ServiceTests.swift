import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// The daemon as a service.
  @Suite struct Services {
    @Test func aServiceManagerThatWatchesHearsThatItIsAlive() throws {
      try Stage.play { stage in
        try await stage.withDaemon(environment: ["WATCHDOG_USEC": "20000"]) { daemon in
          for _ in 0..<3 {
            try await daemon.notice.wait(for: daemon.process, toSay: "WATCHDOG=1")
            await daemon.notice.forget("WATCHDOG=1")
          }
        }
      }
    }

    /// systemd leaves the variable to whoever has stderr in a file.
    @Test func theLogHasTimesUnlessItGoesToTheJournal() throws {
      try Stage.play { stage in
        try await stage.withDaemon(environment: ["JOURNAL_STREAM": "8:12345"]) { _ in }
        #expect(TextFile.read(stage.log)?.hasPrefix("20") == true)
        try TextFile.write("", to: stage.log)
        var status = stat()
        try #require(stat(stage.log, &status) == 0)
        try await stage.withDaemon(environment: ["JOURNAL_STREAM": "\(status.st_dev):\(status.st_ino)"]) { _ in }
        #expect(TextFile.read(stage.log)?.hasPrefix("<6>info: crawld") == true)
      }
    }

    /// The loop would wait for who writes into a pipe.
    @Test func aReloadReadsRegularFilesAlone() throws {
      try Stage.play { stage in
        let script = "echo '[nonsense]' | \(Programs.crawld) --check-config --config /dev/stdin"
        let piped = try await stage.loop.run("/bin/sh", ["-c", script])
        #expect(piped.code == 2 && piped.errors.contains("/dev/stdin:1: nonsense"), "\(piped)")
        let pipe = "\(stage.directory)/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        try await stage.withDaemon { _ in
          try stage.replaceConfiguration(
            "[credentials.shop]\norigins = [\"https://shop.test\"]\nuser = \"u\"\npassword_file = \"\(pipe)\"\n")
          let secret = try await stage.crawlctl(["reload"])
          #expect(secret.code == 1 && secret.errors.contains("\(pipe) can't be read: it is no regular"), "\(secret)")
          try #require(rename(pipe, stage.configuration) == 0)
          let refused = try await stage.crawlctl(["reload"])
          #expect(refused.code == 1 && refused.errors.contains("can't be read: it is no regular file"), "\(refused)")
          #expect(refused.errors.contains("the configuration is unchanged: \(stage.configuration)"), "\(refused)")
          try await stage.control("status")
        }
      }
    }

    @Test func aConfigurationIsCheckedWithoutADaemon() throws {
      try Stage.play { stage in
        try stage.configure("[tasks]\nmax_running = 3")
        let right = try await stage.failingDaemon(["--check-config"])
        #expect(
          right.code == 0 && right.output.contains("\(stage.configuration): the configuration is right"), "\(right)")
        try stage.replaceConfiguration("[tasks]\nmax_running = 0\n")
        let wrong = try await stage.failingDaemon(["--check-config"])
        #expect(wrong.code == 2 && wrong.errors.contains(":2: tasks.max_running"), "\(wrong)")
        try stage.replaceConfiguration(
          "[credentials.shop]\norigins = [\"http://a\"]\nuser = \"u\"\npassword_env = \"CRAWLD_TEST_NOBODY\"")
        let secret = try await stage.failingDaemon(["--check-config"])
        #expect(secret.code == 2 && secret.errors.contains("CRAWLD_TEST_NOBODY"), "\(secret)")
        // What a daemon could not begin with.
        for (keys, words) in [
          ("[dns]\nservers = [\"nowhere\"]", "dns.servers"),
          ("[dns]\nhosts_file = \"/nowhere/hosts\"", "/nowhere/hosts"),
          ("[dns]\nhosts_file = \"/etc/hosts\"\nservers = [\"nowhere\"]", ":3: dns.servers: “nowhere” is no list"),
          ("[fetch]\ncertificate_authorities = \"/etc/passwd\"", "“/etc/passwd” has no certificate"),
          ("[handlers.h]\nprogram = \"/bin/true\"\nkinds = [\"on-pages\"]", "has “on-pages”, which is no kind"),
          ("[fetch]\ncertificate_authorities = \"/nowhere/ca.pem\"", ":2: fetch.certificate_authorities"),
        ] {
          try stage.replaceConfiguration(keys + "\n")
          let refused = try await stage.loop.run(Programs.crawld, ["--config", stage.configuration, "--check-config"])
          #expect(refused.code == 2 && refused.errors.contains(words), "\(refused)")
        }
        #expect(TextFile.read("\(stage.data)/crawl.db") == nil)
      }
    }
  }
}
