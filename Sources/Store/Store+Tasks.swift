extension Store {
  /// A new task with its first run, its seeds and the event that tells of it, in one transaction after everything
  /// that was appended so far.
  ///
  /// - Parameter handovers: tasks that are not crawled again by themselves any more, since this one is: each loses `every`.
  /// - Throws: `.failing` while commits fail; nothing is stored then.
  package func insertTask(
    _ task: TaskRecord, seeds: VisitRecord, event: TaskEventRecord, takesScheduleBy handovers: [TaskEventRecord] = []
  ) async throws {
    try await ordered { writer in
      let row = try writer.database.statement(
        """
        INSERT INTO tasks (id, name, client_key, state, desired_state, reason, settings, settings_revision, run_id, \
        created_at, started_at, finished_at, recrawl_of, open, lacks_seeds, series, first_task_id) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
      row.bind(1, task.id)
      row.bind(2, task.name)
      row.bind(3, task.clientKey)
      row.bind(4, task.state)
      row.bind(5, task.desiredState)
      row.bind(6, task.reason)
      row.bind(7, task.settings)
      row.bind(8, task.settingsRevision)
      row.bind(9, task.runID)
      row.bind(10, task.createdAt)
      row.bind(11, task.startedAt)
      row.bind(12, task.finishedAt)
      row.bind(13, task.recrawlOf)
      row.bind(14, task.isOpen ? 1 : 0)
      row.bind(15, task.lacksSeeds ? 1 : 0)
      row.bind(16, task.series)
      row.bind(17, task.firstTaskID)
      try row.run()
      let counters = try writer.database.statement("INSERT INTO task_counters (task_id) VALUES (?)")
      counters.bind(1, task.id)
      try counters.run()
      let run = try writer.database.statement("INSERT INTO runs (id, task_id, number, started_at) VALUES (?, ?, 1, ?)")
      run.bind(1, task.runID)
      run.bind(2, task.id)
      run.bind(3, task.createdAt)
      try run.run()
      try writer.write(seeds)
      for handover in handovers {
        let row = try writer.database.statement(
          """
          UPDATE tasks SET next_run_at = NULL, settings = json_set(settings, '$.every', json('["none"]')), \
          settings_revision = ?2 WHERE id = ?1
          """)
        row.bind(1, handover.taskID)
        row.bind(2, handover.settingsRevision)
        try row.run()
        try Self.insert(handover, writer.database)
      }
      try Self.insert(event, writer.database)
    }
  }

  /// Changes where a task stands, before all waiting visits. When it has started stays as it is if that is nil.
  package func updateTask(
    _ taskID: Int64, state: String, desiredState: String, reason: String?, startedAt: Int64? = nil,
    event: TaskEventRecord? = nil
  ) async throws {
    try await control { writer in
      let row = try writer.database.statement(
        """
        UPDATE tasks SET state = ?2, desired_state = ?3, reason = ?4, started_at = coalesce(?5, started_at) WHERE id = ?1
        """)
      row.bind(1, taskID)
      row.bind(2, state)
      row.bind(3, desiredState)
      row.bind(4, reason)
      row.bind(5, startedAt)
      try row.run()
      if let event { try Self.insert(event, writer.database) }
    }
  }

  /// Stores a task's settings (JSON text) under a new revision, before all waiting visits.
  package func updateSettings(
    _ taskID: Int64, json: String, revision: Int, nextRunAt: DueTime? = nil, event: TaskEventRecord
  ) async throws {
    try await control { writer in
      let row = try writer.database.statement(
        "UPDATE tasks SET settings = ?2, settings_revision = ?3, next_run_at = ?4 WHERE id = ?1")
      row.bind(1, taskID)
      row.bind(2, json)
      row.bind(3, revision)
      row.bind(4, writer.stored(nextRunAt))
      try row.run()
      try Self.insert(event, writer.database)
    }
  }

  /// Stores when a task has started, when a retry took it up again, and when a recrawl of it starts by itself (microseconds
  /// since 1970 UTC).
  package func setTimes(of taskID: Int64, startedAt: Int64?, retriedAt: Int64?, nextRunAt: Int64?) async throws {
    try await ordered(isPatient: true) { writer in
      let row = try writer.database.statement(
        "UPDATE tasks SET started_at = ?2, next_run_at = ?3, retried_at = ?4 WHERE id = ?1")
      row.bind(1, taskID)
      row.bind(2, startedAt)
      row.bind(3, nextRunAt)
      row.bind(4, retriedAt)
      try row.run()
    }
  }

  /// What a client calls one task becomes what it calls another one, before all waiting visits.
  package func moveClientKey(_ key: String, from taskID: Int64, to heir: Int64) async throws {
    try await control { writer in
      for (id, key) in [(taskID, nil), (heir, key)] {
        let row = try writer.database.statement("UPDATE tasks SET client_key = ?2 WHERE id = ?1")
        row.bind(1, id)
        row.bind(2, key)
        try row.run()
      }
    }
  }

  /// An open task gets no more seeds, before all waiting visits.
  package func seal(_ taskID: Int64, event: TaskEventRecord) async throws {
    try await control { writer in
      let row = try writer.database.statement("UPDATE tasks SET open = 0 WHERE id = ?")
      row.bind(1, taskID)
      try row.run()
      try Self.insert(event, writer.database)
    }
  }

  /// Ends a run and its task in one transaction, after everything that was appended so far.
  ///
  /// - Parameters:
  ///   - nextRunAt: when a recrawl of it starts by itself.
  ///   - coversEarlier: which crawls before it later ones need not read.
  package func finishRun(
    _ runID: Int64, taskID: Int64, state: String, desiredState: String, reason: String?, at time: Int64,
    nextRunAt: DueTime? = nil, isUntold: Bool = false, coversEarlier: Int64? = nil, event: TaskEventRecord
  ) async throws {
    try await ordered(isPatient: true) { writer in
      let run = try writer.database.statement("UPDATE runs SET finished_at = ?2 WHERE id = ?1")
      run.bind(1, runID)
      run.bind(2, time)
      try run.run()
      let row = try writer.database.statement(
        """
        UPDATE tasks SET state = ?2, desired_state = ?3, reason = ?4, finished_at = ?5, next_run_at = ?6, untold = ?7, \
        covers_earlier = ?8 WHERE id = ?1
        """)
      row.bind(1, taskID)
      row.bind(2, state)
      row.bind(3, desiredState)
      row.bind(4, reason)
      row.bind(5, time)
      row.bind(6, writer.stored(nextRunAt))
      row.bind(7, isUntold)
      row.bind(8, coversEarlier)
      try row.run()
      try Self.insert(event, writer.database)
    }
  }

  /// A recrawl has taken over all seeds; after everything that was appended so far.
  package func noteSeedsWhole(_ taskID: Int64) async throws {
    try await ordered { writer in
      let row = try writer.database.statement("UPDATE tasks SET lacks_seeds = 0 WHERE id = ?")
      row.bind(1, taskID)
      try row.run()
    }
  }

  /// The handlers of a task that has ended were told; which of them failed is stored with that.
  package func noteTold(_ taskID: Int64, failures: [HandlerFailureRecord]) async throws {
    try await ordered { writer in
      let row = try writer.database.statement("UPDATE tasks SET untold = 0 WHERE id = ?")
      row.bind(1, taskID)
      try row.run()
      var record = VisitRecord(taskID: taskID)
      record.handlerFailures = failures
      try writer.write(record)
    }
  }

  /// All tasks with their counters, by id, as they are after everything that was appended so far.
  package func loadTasks() async throws -> [TaskRecord] {
    try await orderedRead { database in
      let row = try database.statement(
        """
        SELECT t.id, t.name, t.client_key, t.state, t.desired_state, t.reason, t.settings, t.settings_revision, \
        t.run_id, t.created_at, t.started_at, t.finished_at, t.recrawl_of, t.open, t.next_run_at, t.untold, \
        t.compared, t.lacks_seeds, t.retried_at, t.series, t.first_task_id, t.covers_earlier, \
        \(Self.counterColumns) \
        FROM tasks t LEFT JOIN task_counters c ON c.task_id = t.id ORDER BY t.id
        """)
      defer { row.reset() }
      var tasks: [TaskRecord] = []
      while try row.step() {
        var task = TaskRecord(
          id: row.integer(0), name: row.text(1), clientKey: row.textOrNil(2), state: row.text(3),
          desiredState: row.text(4), reason: row.textOrNil(5), settings: row.text(6),
          settingsRevision: row.count(7), createdAt: row.integer(9), startedAt: row.integerOrNil(10),
          finishedAt: row.integerOrNil(11), runID: row.integer(8), recrawlOf: row.integerOrNil(12),
          isOpen: row.integer(13) == 1, nextRunAt: row.integerOrNil(14), counters: Self.counters(row, from: 22))
        task.isUntold = row.integer(15) == 1
        task.comparedFetches = row.count(16)
        task.lacksSeeds = row.integer(17) == 1
        task.retriedAt = row.integerOrNil(18)
        task.series = row.textOrNil(19)
        task.firstTaskID = row.integerOrNil(20) ?? task.id
        task.coversEarlier = row.integerOrNil(21)
        tasks.append(task)
      }
      return tasks
    }
  }

  /// A task's events, the newest first; with an action, those of it alone. Cost: O(events of the task).
  package func taskEvents(_ taskID: Int64, action: String? = nil, limit: Int = 100) async throws -> [TaskEventRecord] {
    try await answer { database in
      let row = try database.statement(
        """
        SELECT task_id, at, actor, action, from_state, to_state, reason, settings_revision, changes FROM task_events \
        WHERE task_id = ?1 AND action = coalesce(?3, action) ORDER BY id DESC LIMIT ?2
        """)
      defer { row.reset() }
      row.bind(1, taskID)
      row.bind(2, limit)
      row.bind(3, action)
      var events: [TaskEventRecord] = []
      while try row.step() {
        events.append(
          TaskEventRecord(
            taskID: row.integer(0), at: row.integer(1), actor: row.text(2), action: row.text(3),
            fromState: row.textOrNil(4), toState: row.textOrNil(5), reason: row.textOrNil(6),
            settingsRevision: row.countOrNil(7), changes: row.textOrNil(8)))
      }
      return events
    }
  }

  static let counterColumns = CounterDelta.columns.map { "c.\($0.name)" }.joined(separator: ", ")

  /// A row's counters, from the first of `counterColumns` on.
  static func counters(_ row: Statement, from first: Int32) -> CounterDelta {
    var counters = CounterDelta()
    for (place, column) in CounterDelta.columns.enumerated() {
      counters[keyPath: column.path] = row.count(first + Int32(place))
    }
    return counters
  }

  static func insert(_ event: TaskEventRecord, _ database: Database) throws(StoreError) {
    let row = try database.statement(
      """
      INSERT INTO task_events (task_id, at, actor, action, from_state, to_state, reason, settings_revision, changes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    row.bind(1, event.taskID)
    row.bind(2, event.at)
    row.bind(3, event.actor)
    row.bind(4, event.action)
    row.bind(5, event.fromState)
    row.bind(6, event.toState)
    row.bind(7, event.reason)
    row.bind(8, event.settingsRevision)
    row.bind(9, event.changes)
    try row.run()
  }
}
