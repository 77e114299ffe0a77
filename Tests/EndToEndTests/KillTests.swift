import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// The daemon is killed at requests that a seed chooses, and started again, until the site is complete.
  @Suite struct Kill {
    @Test(arguments: [1, 2] as [UInt64]) func nothingIsLostAndNothingDoubled(seed: UInt64) throws {
      try Stage.play(Site(hosts: 3, pages: 200)) { stage in
        let numbers = SeededNumbers(seed: seed)
        var uncommitted = 0
        for kill in 0..<5 {
          let next = await stage.web.log.count + 20 + numbers.draw(UInt64(kill), below: 40)
          let (_, status) = try await stage.withDaemon { daemon in
            if kill == 0 { try await stage.add("killed", seeds: (0..<3).map { stage.url("/", host: $0) }) }
            try await stage.web.waitForRequests(next)
            try await daemon.kill()
          }
          #expect(status == .signalled(number: SIGKILL, dumpedCore: false))
          try stage.expectSound()
          let committed = try stage.number("SELECT count(*) FROM fetches WHERE url_id IS NOT NULL")
          let requested = await stage.web.log.statistics()
          #expect(committed <= requested.distinct, "fetches that the server knows nothing of")
          uncommitted += requested.distinct - committed
        }
        let (_, status) = try await stage.withDaemon { _ in
          try await stage.control("wait", "killed", "--for", "done")
        }
        #expect(status.isSuccess)
        // What had been asked for and was not committed at a kill is asked for again, and nothing else is.
        try await stage.expectComplete(hosts: [0, 1, 2], repeated: 0...uncommitted)
      }
    }

    @Test func whatWasInFlightIsFetchedAgain() throws {
      try Stage.play { stage in
        try await stage.withDaemon { daemon in
          try await stage.add("held", seeds: [stage.url(Fault.slowFirstByte.target)])
          try await stage.web.waitForHolds(1)
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          try await stage.web.waitForHolds(2)
          await stage.web.release()
          try await stage.control("wait", "held", "--for", "done")
        }
        let fetches = try stage.column("SELECT outcome FROM fetches WHERE url_id IS NOT NULL")
        #expect(fetches == ["ok"])
        try stage.expectSound()
      }
    }
  }
}
