import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// Bad input gets one line that says what was wrong, where, and what is accepted; and the exit code of its kind.
  @Suite struct BadInput {
    @Test(
      arguments: [
        ("[fetch]\nmax_in_fligth = 5\n", 2, "fetch.max_in_fligth"),
        ("[daemon]\n\n[fetch]\nconnect_timeout = \"10 parsecs\"\n", 4, "fetch.connect_timeout"),
        ("[fetch]\nmax_ratio = 1\n", 2, "fetch.max_ratio"),
        ("[politeness\n", 1, ""),
      ])
    func aWrongConfigurationIsRefusedWithItsLine(text: String, line: Int, key: String) throws {
      try Stage.play { stage in
        try stage.replaceConfiguration(text)
        let ended = try await stage.failingDaemon()
        #expect(ended.code == 2)
        #expect(ended.errors.contains("crawld.toml:\(line)"), "\(ended)")
        #expect(ended.errors.contains(key), "\(ended)")
        #expect(access(stage.data, F_OK) != 0, "nothing is made before the configuration is right")
      }
    }

    @Test func wrongOptionsAreUsageErrors() throws {
      try Stage.play { stage in
        for options in [["--no-such-option"], ["--allow-network", "127.0.0.0/99"], ["--data"]] {
          let ended = try await stage.failingDaemon(options)
          #expect(ended.code == 2, "\(options): \(ended)")
        }
        for arguments in [["frobnicate"], ["add"], ["wait", "x", "--for", "christmas"]] {
          let ended = try await stage.crawlctl(arguments)
          #expect(ended.code == 2, "\(arguments): \(ended)")
        }
      }
    }

    /// A script's variable that is empty makes no value of the word after the option.
    @Test func anOptionThatHasNothingAfterItsSignIsRefused() throws {
      try Stage.play { stage in
        for option in ["--config=", "--data=", "--socket=", "--hosts-file=", "--allow-network="] {
          let ended = try await stage.failingDaemon([option, "--check-config"])
          #expect(ended.code == 2 && ended.errors.contains("“\(option)” has no value"), "\(ended)")
        }
        try await stage.withDaemon { _ in
          let ended = try await stage.crawlctl(["add", "--paused", "--exclude=", stage.url("/a"), stage.url("/b")])
          #expect(ended.code == 2 && ended.errors.contains("“--exclude=” has no value"), "\(ended)")
          #expect(try stage.number("SELECT count(*) FROM tasks") == 0)
        }
      }
    }

    /// It would stand for the current directory.
    @Test func anEmptyPathIsNone() throws {
      try Stage.play { stage in
        for option in ["--config", "--data", "--socket", "--hosts-file"] {
          for words in [[option, ""], ["--check-config", option, ""]] {
            let ended = try await stage.failingDaemon(words)
            #expect(ended.code == 2 && ended.errors.contains("\(option) is empty"), "\(words): \(ended)")
          }
        }
      }
    }

    /// Before anything is made, and by `--check-config`.
    @Test func aSocketWithTooLongAPathIsWrongUsage() throws {
      try Stage.play { stage in
        let socket = "/tmp/" + String(repeating: "s", count: 120)
        for words in [[], ["--check-config"]] {
          let ended = try await stage.failingDaemon(["--socket", socket] + words)
          #expect(ended.code == 2 && ended.errors.contains("has 125 bytes; 1 to 107 are possible"), "\(ended)")
        }
        #expect(access(stage.data, F_OK) != 0)
      }
    }

    /// What no task could use later is said when the configuration is checked.
    @Test func whatCannotWorkIsNotRight() throws {
      try Stage.play { stage in
        let file = "\(stage.directory)/no.pem"
        let certificate = "\(stage.directory)/certificate.pem"
        try TextFile.write("these are my notes", to: file)
        try TextFile.write("-----BEGIN CERTIFICATE-----\n", to: certificate)
        for (text, words) in [
          ("[certificates.c]\ncertificate = \"\(file)\"", ":2: certificates.c.certificate: \(file) has no certificate"),
          (
            "[certificates.c]\ncertificate = \"\(certificate)\"",
            ":2: certificates.c.certificate: \(certificate) has no private"
          ),
          (
            "[certificates.c]\ncertificate = \"\(certificate)\"\nkey = \"\(file)\"",
            ":3: certificates.c.key: \(file) has no private key"
          ),
          ("[dns]\nservers = [\"127.0.0.1:0\"]", ":2: dns.servers: “127.0.0.1:0” names no port"),
          ("[dns]\nservers = [\"127.0.0.1:65536\"]", ":2: dns.servers: “127.0.0.1:65536” names no port"),
          ("[dns]\nservers = [\"::\", \"[::1]:0\"]", ":2: dns.servers: “[::1]:0” names no port"),
        ] {
          try stage.replaceConfiguration(text)
          let checked = try await stage.failingDaemon(["--check-config"])
          #expect(checked.code == 2 && checked.errors.contains(words), "\(checked)")
        }
      }
    }

    @Test func aCertificateAndItsKeyBelongTogether() throws {
      try Stage.play { stage in
        let certificates = try await Certificates.make(in: "\(stage.directory)/tls", on: stage.loop)
        let certificate = certificates.certificate(.valid)
        let broken = "\(stage.directory)/broken.pem"
        try TextFile.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", to: broken)
        let key = "\(stage.directory)/encrypted.pem"
        let encrypt = ["ec", "-in", certificates.key(.valid), "-aes256", "-passout", "pass:hunter2", "-out", key]
        let made = try await stage.loop.run("openssl", encrypt)
        #expect(made.code == 0, "\(made)")
        func check(_ certificate: String, _ key: String, _ password: String? = nil) async throws -> (Int32, String) {
          let more = password.map { "\nkey_password = \"\($0)\"" } ?? ""
          try stage.replaceConfiguration("[certificates.c]\ncertificate = \"\(certificate)\"\nkey = \"\(key)\"" + more)
          try #require(chmod(stage.configuration, 0o600) == 0)
          let checked = try await stage.failingDaemon(["--check-config"])
          return (checked.code, checked.errors)
        }
        for (file, keyFile, password, words) in [
          (certificate, key, nil, ":3: certificates.c.key: the private key in \(key) is encrypted"),
          (certificate, key, "hunter3", ":3: certificates.c.key: the private key in \(key) does not open"),
          (certificate, certificates.key(.shortKey), nil, "is not that of the certificate in \(certificate)"),
          (
            broken, certificates.key(.valid), nil,
            ":2: certificates.c.certificate: the certificate in \(broken) is broken"
          ),
        ] as [(String, String, String?, String)] {
          let (code, errors) = try await check(file, keyFile, password)
          #expect(code == 2 && errors.contains(words) && !errors.contains("hunter"), "\(errors)")
        }
        for (keyFile, password) in [(key, "hunter2"), (certificates.key(.valid), nil)] as [(String, String?)] {
          let (code, errors) = try await check(certificate, keyFile, password)
          #expect(code == 0 && errors.isEmpty, "\(errors)")
        }
      }
    }

    /// It works, so it is not refused.
    @Test func aSecretThatEverybodyMayReadIsWarnedOf() throws {
      try Stage.play { stage in
        try stage.replaceConfiguration(
          "[credentials.shop]\norigins = [\"https://shop.test\"]\nuser = \"u\"\npassword = \"hunter2\"")
        let words = "crawld.toml:4: credentials.shop.password: everybody may read this file"
        try #require(chmod(stage.configuration, 0o644) == 0)
        let open = try await stage.failingDaemon(["--check-config"])
        #expect(open.code == 0 && open.errors.contains(words) && open.output.contains("is right"), "\(open)")
        try await stage.withDaemon { _ in try await stage.control("status") }
        #expect(TextFile.read(stage.log)?.contains(words) == true)
        try #require(chmod(stage.configuration, 0o640) == 0)
        let closed = try await stage.failingDaemon(["--check-config"])
        #expect(closed.code == 0 && closed.errors.isEmpty, "\(closed)")
      }
    }

    /// One line, with the program's name and what to do.
    @Test func wrongUsageIsOneLine() throws {
      try Stage.play { stage in
        let bogus = try await stage.failingDaemon(["--bogus"])
        #expect(bogus.code == 2 && bogus.errors.hasPrefix("crawld: ") && bogus.errors.contains("--bogus"), "\(bogus)")
        #expect(bogus.errors.split(separator: "\n").count == 1, "\(bogus)")
        let hosts = try await stage.loop.run(
          Programs.crawld, ["--data", stage.data, "--socket", stage.socket, "--hosts-file", "/nonexistent/hosts"])
        #expect(hosts.code == 2 && hosts.errors.contains("crawld: --hosts-file: "), "\(hosts)")
        for (arguments, words) in [
          (["lss"], "no verb “lss”; did you mean “ls”?"), (["help", "nonsense"], "no verb “nonsense”"),
          (["doctor", "--data", stage.configuration], "takes the data directory"),
        ] {
          let ended = try await stage.loop.run(Programs.crawlctl, arguments)
          #expect(ended.code == 2 && ended.errors.contains(words), "\(arguments): \(ended)")
        }
        for program in [Programs.crawlctl, Programs.crawld] {
          let ended = try await stage.loop.run(
            "/bin/sh", ["-c", "'\(program)' check url \"$(printf 'http://a/\\377')\""])
          #expect(ended.code == 2 && ended.errors.contains("“http://a/\u{FFFD}” is no UTF-8 text"), "\(ended)")
        }
        let checked = try await stage.loop.run(Programs.crawlctl, ["check", "url", "HTTP://A.test:80/%41#x"])
        #expect(checked.code == 0 && checked.output.contains(#""canonical":"http://a.test/A""#), "\(checked)")
        let version = try await stage.loop.run(Programs.crawlctl, ["--version"])
        #expect(version.code == 0 && version.output == "1.0.0\n", "\(version)")
      }
    }

    @Test func whatIsNearlyRightIsAnsweredWithWhatIs() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("site", ["--paused"], seeds: [stage.url("/")])
          for (arguments, code, words) in [
            (["add", "127.0.0.1:8765"], 2, "such as http://127.0.0.1:8765/"),
            (["add", "localhost:8765"], 2, "such as http://localhost:8765/"),
            (
              ["add", "--depth", "-1", stage.url("/")], 2,
              "crawlctl: --depth: “-1” is out of range; accepted: a whole number from 0 to 65535"
            ),
            (["add", "--proxy", "office", stage.url("/")], 2, "the daemon's configuration has no [proxies.NAME]"),
            (["set", "site", "depth=3"], 2, "did you mean max_depth?"), (["url", "notaurl"], 4, "“notaurl” is no URL"),
            (["retry", "site", "http://unknown.test/"], 8, "unknown.test"),
            (["set", "site", "dealy=3"], 2, "did you mean delay? accepted: "),
            (["events", "--kind", "bogus"], 2, "--kind: “bogus” is no kind; accepted: "),
            (["add", "ftp://u:SECRET@h.test/"], 2, "“ftp://…@h.test/” is no URL"),
            (["add", "u:SECRET@h.test"], 2, "“u:…@h.test” is no URL"),
            (["add", "http://u:SEC/RET@h.test:x/"], 2, "“http://…@h.test:x/” is no URL"),
          ] {
            let ended = try await stage.crawlctl(arguments)
            #expect(ended.code == code && ended.errors.contains(words), "\(arguments): \(ended)")
            #expect(!ended.errors.contains("SEC"), "\(ended)")
          }
          // Every setting that there is has its line in the help.
          let help = try await stage.loop.run(Programs.crawlctl, ["help", "set"]).output
          let shown = try await stage.control("show", "site", "--all-settings")
          let names = shown.split(separator: "\n").compactMap { $0.split(separator: " ").last?.split(separator: "=") }
            .filter { $0.count <= 2 && shown.contains("\($0[0])=") }.map { String($0[0]) }
          #expect(names.count >= 25, "\(names)")
          for name in names { #expect(help.contains(name), "\(name)") }
          let own = try await stage.control("show", "site")
          #expect(own.contains("settings") && own.contains("concurrency=4") && !own.contains("max_depth="), "\(own)")
        }
      }
    }

    @Test func noDaemonIsSaidSo() throws {
      try Stage.play { stage in
        let ended = try await stage.crawlctl(["ls"])
        #expect(ended.code == 3)
        #expect(ended.errors.contains(stage.socket), "\(ended)")
        #expect(ended.errors.split(separator: "\n").count == 1, "\(ended)")
      }
    }

    @Test func whatDoesNotExistIsNotFound() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          for arguments in [["show", "nothing"], ["pause", "nothing"], ["wait", "nothing"], ["why", "nothing"]] {
            let ended = try await stage.crawlctl(arguments)
            #expect(ended.code == 4, "\(arguments): \(ended)")
            #expect(ended.errors.contains("nothing"), "\(arguments): \(ended)")
          }
        }
      }
    }

    @Test(arguments: ["http://[::bad/", "no url at all", "ftp://h0.test/"])
    func whatIsNoURLIsRefused(seed: String) throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          let ended = try await stage.crawlctl(["add", seed])
          #expect(ended.code == 2, "\(ended)")
          #expect(ended.errors.contains(seed), "\(ended)")
        }
        #expect(try stage.number("SELECT count(*) FROM tasks") == 0)
      }
    }

    @Test(arguments: [["--delay", "soon"], ["--depth", "deep"], ["--scope", "world"], ["--max-bytes", "3 barrels"]])
    func aWrongSettingIsRefused(options: [String]) throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          let ended = try await stage.crawlctl(["add", stage.url("/")] + options)
          #expect(ended.code == 2, "\(ended)")
          #expect(ended.errors.contains(options[1]), "\(ended)")
        }
        #expect(await stage.web.log.count == 0)
      }
    }

    @Test func aHostThatRefusesIsReported() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          let ended = try await stage.crawlctl(["run", "--delay", "0", stage.url("/", on: "refused.test")])
          #expect(ended.code == 10, "\(ended)")
          #expect((ended.output + ended.errors).contains("refused"), "\(ended)")
        }
        #expect(try stage.column("SELECT DISTINCT outcome FROM fetches") == ["connect_refused"])
      }
    }

    @Test func privateNetworksAreRefusedUnlessAllowed() throws {
      try Stage.play { stage in
        try await stage.withDaemon(allowingLoopback: false) { _ in
          let ended = try await stage.crawlctl(["run", "--delay", "0", stage.url("/")])
          #expect(ended.code == 10, "\(ended)")
        }
        #expect(await stage.web.connections == 0)
        #expect(try stage.column("SELECT DISTINCT outcome FROM fetches WHERE outcome <> 'address_refused'") == [])
        #expect(try stage.column("SELECT state FROM urls") != ["done"])
      }
    }

    @Test func oneDaemonPerDataDirectory() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          let second = try await stage.failingDaemon(["--socket", "\(stage.directory)/other.sock"])
          #expect((1..<128).contains(second.code), "\(second)")
          #expect(second.errors.contains(stage.data), "\(second)")
          try await stage.control("status")
        }
      }
    }

    @Test func aDataDirectoryThatCannotBeMade() throws {
      try Stage.play { stage in
        let file = "\(stage.directory)/file"
        try TextFile.write("a file", to: file)
        let ended = try await stage.failingDaemon(["--data", "\(file)/data"])
        #expect((1..<128).contains(ended.code), "\(ended)")
        #expect(ended.errors.contains("\(file)/data"), "\(ended)")
      }
    }

    @Test func aPathThatIsNoSocketIsLeftAlone() throws {
      try Stage.play { stage in
        let file = "\(stage.directory)/precious"
        try TextFile.write("keep me", to: file)
        let ended = try await stage.failingDaemon(["--socket", file])
        #expect((1..<128).contains(ended.code), "\(ended)")
        #expect(ended.errors.contains(file), "\(ended)")
        #expect(TextFile.read(file) == "keep me")
      }
    }

    /// As the directory's own, and before anything is read.
    @Test func aDatabaseThatMayNotBeWrittenToIsAMatterOfPermissions() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in try await stage.control("status") }
        try #require(chmod(stage.database, 0o400) == 0)
        // Without the power to go around permissions, which root would have.
        let program = geteuid() == 0 ? ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] : ["env"]
        let ended = try await stage.loop.run(
          "/usr/bin/" + program[0], Array(program.dropFirst()) + [Programs.crawld] + stage.daemonOptions(true))
        #expect(ended.code == 7, "\(ended)")
        #expect(ended.errors.hasPrefix("crawld: \(stage.database): not writable: Permission denied"), "\(ended)")
      }
    }

    @Test func aFileThatIsNoDatabaseIsLeftAlone() throws {
      try Stage.play { stage in
        mkdir(stage.data, 0o700)
        try TextFile.write("these are my notes, not a database", to: stage.database)
        let ended = try await stage.failingDaemon()
        #expect((1..<128).contains(ended.code), "\(ended)")
        #expect(ended.errors.contains(stage.database), "\(ended)")
        #expect(TextFile.read(stage.database) == "these are my notes, not a database")
      }
    }
  }
}
