import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  @Suite struct Stop {
    @Test func aTermSignalEndsInOrderAndLosesNothing() throws {
      try Stage.play(Site(hosts: 1, pages: 300)) { stage in
        let (_, status) = try await stage.withDaemon { _ in
          try await stage.add("stopped", seeds: [stage.url("/")])
          try await stage.web.waitForRequests(50)
        }
        #expect(status.isSuccess)
        try await stage.expectSound()
        try await stage.withDaemon { _ in
          try await stage.control("wait", "stopped", "--for", "done")
        }
        // An orderly end commits what was fetched: nothing is asked for twice.
        try await stage.expectComplete(hosts: [0])
      }
    }

    @Test func aFetchThatOutlastsTheGraceIsGivenUp() throws {
      try Stage.play { stage in
        let (_, status) = try await stage.withDaemon { _ in
          try await stage.add("held", seeds: [stage.url(Fault.slowFirstByte.target)])
          try await stage.web.waitForHolds(1)
        }
        #expect(status.isSuccess)
        let (_, second) = try await stage.withDaemon { _ in
          try await stage.web.waitForHolds(2)
          await stage.web.release()
          try await stage.control("wait", "held", "--for", "done")
        }
        #expect(second.isSuccess)
        #expect(try stage.column("SELECT state FROM urls") == ["done"])
      }
    }

    @Test func aSecondSignalDoesNotWaitForTheGrace() throws {
      try Stage.play(limit: .seconds(60)) { stage in
        try stage.replaceConfiguration("[daemon]\nshutdown_grace = \"600s\"\n")
        let (_, status) = try await stage.withDaemon { daemon in
          try await stage.add("held", seeds: [stage.url(Fault.slowFirstByte.target)])
          try await stage.web.waitForHolds(1)
          try daemon.process.send(signal: SIGTERM)
          try daemon.process.send(signal: SIGINT)
          _ = try await daemon.process.waitForExit()
        }
        #expect(status.isSuccess)
        try await stage.expectSound()
      }
    }

    /// Somebody means another program's habits: nothing ends, and the log says what there is instead.
    @Test func signalsThatMeanNothingAreIgnored() throws {
      try Stage.play { stage in
        let signals = [(SIGUSR1, "SIGUSR1"), (SIGUSR2, "SIGUSR2"), (SIGALRM, "SIGALRM"), (SIGVTALRM, "SIGVTALRM")]
        let (_, status) = try await stage.withDaemon { daemon in
          for (signal, _) in signals { try daemon.process.send(signal: signal) }
          try await stage.control("status")
        }
        #expect(status.isSuccess)
        let log = TextFile.read(stage.log) ?? ""
        for (_, name) in signals {
          #expect(log.contains("\(name) is ignored; SIGTERM and SIGINT stop crawld"), "\(log)")
        }
      }
    }

    @Test func shutdownByTheControlSocket() throws {
      try Stage.play { stage in
        let (_, status) = try await stage.withDaemon { daemon in
          try await stage.control("shutdown")
          _ = try await daemon.process.waitForExit()
        }
        #expect(status.isSuccess)
        #expect(access(stage.socket, F_OK) != 0)
        try await stage.control("ls", exit: 3)
      }
    }
  }
}
