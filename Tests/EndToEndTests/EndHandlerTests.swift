import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// Handlers that are told of the ends of tasks.
  @Suite struct EndHandlers {
    /// Writes each call to a file, a line each.
    private func recorder(_ stage: Stage, _ body: String = "") throws -> String {
      let record = "open('\(stage.directory)/told', 'a').write(json.dumps(call) + '\\n')\n"
      return try stage.python("record", record + body)
    }

    private func configure(_ stage: Stage, _ program: String, _ more: String = "") throws {
      try stage.configure("[handlers.end]\nprogram = \"\(program)\"\nkinds = [\"on-task-done\"]\n\(more)\n")
    }

    /// Name and state of each end that was told.
    private func told(_ stage: Stage) throws -> [String] {
      (TextFile.read("\(stage.directory)/told") ?? "").split(separator: "\n").map { line in
        let state = line.split(separator: "\"state\": \"").last?.prefix { $0 != "\"" } ?? ""
        let name = line.split(separator: "\"task\": \"").last?.prefix { $0 != "\"" } ?? ""
        return "\(name) \(state)"
      }
    }

    @Test func eachEndIsTold() throws {
      try Stage.play(Site(hosts: 1, pages: 5)) { stage in
        try configure(stage, recorder(stage))
        await stage.web.plant(Response(status: 503), at: "/busy", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("all", ["--handler", "end"], seeds: [stage.url("/")])
          try await stage.control("wait", "all", "--for", "done")
          try await stage.add("away", ["--handler", "end"], seeds: [stage.url("/", on: "closed.test")])
          try await stage.control("wait", "away", "--for", "done", exit: 10)
          try await stage.control("add", "--name", "never", "--handler", "end", "--paused", stage.url("/"))
          try await stage.control("cancel", "never")
          try await stage.add("nobody", seeds: [stage.url("/")])
          try await stage.control("wait", "nobody", "--for", "done")
          try await stage.add("busy", ["--handler", "end", "--depth", "0"], seeds: [stage.url("/busy")])
          try await stage.control("wait", "busy", "--for", "done")
          try await stage.reached { try stage.number("SELECT count(*) FROM tasks WHERE untold") == 0 }
          #expect(try told(stage) == ["all finished", "away failed", "never cancelled", "busy finished"])
          // It runs on, and ends again.
          try await stage.control("retry", "busy")
          try await stage.control("wait", "busy", "--for", "done")
          try await stage.reached { try told(stage).count == 5 }
          #expect(try told(stage).last == "busy finished")
        }
        try await stage.withDaemon { _ in
          try await stage.control("status")
          #expect(try told(stage).count == 5, "once")
        }
        #expect(try stage.number("SELECT count(*) FROM handler_failures") == 0)
        try await stage.expectSound()
      }
    }

    @Test func anEndThatNobodyCouldBeToldOfIsToldByTheNextDaemon() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        try configure(
          stage, recorder(stage, "import time\nif len(sys.argv) > 1: time.sleep(1000)"), "arguments = [\"wait\"]")
        try await stage.withDaemon { daemon in
          try await stage.add("t", ["--handler", "end"], seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
          try await stage.reached { try told(stage).count == 1 }
          let why = try await stage.control("why", "t")
          #expect(why.contains("its handlers are still to be told of its end"), "\(why)")
          try await daemon.kill()
        }
        // One that lacks the handler leaves it.
        try stage.configure("")
        try await stage.withDaemon { _ in
          let untold = try stage.number("SELECT count(*) FROM tasks WHERE untold")
          #expect(untold == 1)
        }
        try configure(stage, recorder(stage))
        for _ in 0..<2 {
          try await stage.withDaemon { _ in
            try await stage.reached { try stage.number("SELECT count(*) FROM tasks WHERE untold") == 0 }
          }
        }
        #expect(try told(stage) == ["t finished", "t finished"])
        try await stage.expectSound()
      }
    }

    @Test func theEndOfATaskThatIsRemovedIsTold() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        let gate = "\(stage.directory)/open"
        let body = "import os, time\nwhile not os.path.exists('\(gate)'): time.sleep(0.02)"
        try configure(stage, recorder(stage, body))
        try await stage.withDaemon { daemon in
          for task in ["t", "u"] {
            try await stage.add(task, ["--handler", "end"], seeds: [stage.url("/")])
            try await stage.control("wait", task, "--for", "done")
          }
          try await stage.control("rm", "u")
          #expect(try await stage.control("why", "u").contains("its handlers are still to be told of its end"))
          try await stage.reached { try told(stage).count == 1 }
          try await daemon.kill()
        }
        try TextFile.write("", to: gate)
        try await stage.withDaemon { _ in
          try await stage.reached {
            try stage.column("SELECT name FROM tasks") == ["t"]
              && stage.number("SELECT count(*) FROM tasks WHERE untold") == 0
          }
        }
        #expect(try told(stage).sorted() == ["t finished", "t finished", "u finished"])
        try await stage.expectSound()
      }
    }

    @Test func aCallThatFailsIsToldOfAndNotRepeated() throws {
      try Stage.play { stage in
        try configure(stage, recorder(stage, "sys.exit(1)"))
        try await stage.withDaemon { _ in
          try await stage.add("t", ["--handler", "end"], seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
          try await stage.reached { try stage.number("SELECT count(*) FROM tasks WHERE untold") == 0 }
          #expect(try await stage.control("show", "t").contains("end: 1 call of on-task-done failed (ended)"))
          #expect(
            try stage.rows("SELECT task, url, handler, kind, reason FROM v_handler_failures") == [
              ["t", nil, "end", "on-task-done", "ended"]
            ])
          try await stage.control("rm", "t")
          try await stage.reached { try stage.number("SELECT count(*) FROM tasks") == 0 }
        }
        #expect(try stage.number("SELECT count(*) FROM handler_failures") == 0)
        #expect(try told(stage).count == 1)
        try await stage.expectSound()
      }
    }

    /// The program in config/handlers, as it stands there.
    @Test func theExampleInShellKeepsADiary() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        let diary = "\(stage.directory)/diary"
        try configure(stage, Stage.checkout("config/handlers/task-diary.sh"), "arguments = [\"\(diary)\"]")
        try await stage.withDaemon { _ in
          try await stage.add("t", ["--handler", "end"], seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
          try await stage.reached { try stage.number("SELECT count(*) FROM tasks WHERE untold") == 0 }
        }
        #expect(TextFile.read(diary) == "t finished: 3 URLs done, 0 failed\n")
        #expect(try stage.number("SELECT count(*) FROM handler_failures") == 0)
      }
    }
  }
}
