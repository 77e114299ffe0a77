extension ShapeBook {
  /// Hosts, and what fetches from them.
  static let hosts = """
    Host a host that has work: scheme, name and port
      id integer its row in the table hosts
      host string scheme://name:port
      tasks [integer] ids of the tasks with URLs on it
      ready integer URLs at the head of its queues, in memory; more may wait in the database
      has_more? boolean true: more of them are rows [all are in memory]
      in_flight integer fetches in progress
      delayed? integer URLs that wait for another try after a failure, among the 10,000 that are due first [there are none]
      next_try_at? time when the first of those is tried [there are none, none of a task that runs, or no time is known]
      delay? duration from request to request, as in force now [none of its tasks starts fetches now]
      delay_origin? =DelayOrigin what makes it that long [no task runs on it]
      delay_task? integer id of the task whose delay it is [it is no task's]
      concurrency? integer fetches at once, as in force now [it is not known]
      next_fetch_at? time when it may be asked again [no time is known at which one of its tasks starts fetches]
      blocked_until? time until when it is left alone; far beyond any life: until crawlctl unblock [it is not blocked]
      block_reason? =BlockReason why it is left alone [it is not blocked]
      robots_state? =RobotsState what is known of its robots.txt [it is not known]
    HostBlock a host, and until when it is blocked
      id integer its row in the table hosts
      host string scheme://name:port
      blocked_until? time until when; far beyond any life: until crawlctl unblock [it is not blocked]
      new? boolean true: no task knows it yet [one does]
    HostSettings what users want of a host, in place of its tasks' settings
      id integer its row in the table hosts
      host string scheme://name:port
      delay? duration from request to request [as the tasks say]
      concurrency? integer fetches at once [as the tasks say]
      budget? integer URLs that each task may take there [as the tasks say]
    FetchCoroutine a visit in progress
      id integer unique while the daemon runs
      task_id integer the task
      task_name string the task's name
      host string the name of its URL's host alone
      url string what is being visited
      robots boolean whether it fetches the host's robots.txt
      phase =Phase how far it is
      phase_age duration for how long it has been in that phase
      age duration since it began
      bytes bytes received so far
    Coroutine a coroutine of the daemon's event loop
      id integer unique while the daemon runs
      name string what it does
      waiting_for? string what it waits for, in words [it runs, or waits for another coroutine]
      waiting_age duration for how long it has waited for that, or has run
      age duration since it was started
      cancelled boolean whether it was told to end
    """

  /// The daemon itself, and what it tells as it happens.
  static let daemon = """
    Status how the daemon is doing
      version string its version
      protocol_version integer the version of the control protocol and of these shapes
      pid integer its process
      started_at time when it was started
      database string the absolute path of the database
      sqlite_version string SQLite's version
      tasks {=TaskState:integer} number of tasks by state
      in_flight integer visits started and not committed, writer_visits among them: what a crash now would have fetched again
      open_sockets integer connections of fetches, idle ones included
      coroutines integer coroutines of its event loop
      loop_lag duration the longest tick of the event loop within the last 10 to 20 seconds
      loop_jobs integer jobs and calls that the event loop has run, since the start
      slow_calls integer jobs that held the event loop for longer than [daemon] slow_call, since the start
      known_urls integer URLs that it keeps in memory: those of tasks that have not ended
      writer_visits integer visits handed to the writer and not committed
      writer_bytes bytes size of those
      wal_bytes bytes size of the write-ahead log
      database_bytes bytes size of the database
      free_bytes? bytes room on its file system, after the last commit [it is not known]
      body_bytes bytes bodies in memory, and the headers of answers that are coming
      resident_bytes bytes memory of the process
      limits {=Limit:integer} its bounds; bodies and writer_bytes in bytes
      handlers [Handler] the handlers of its configuration
      warnings [string] sentences; none when all is well
    Handler a handler of the daemon's configuration; counts since the daemon's start
      name string its name
      kinds [=HandlerKind] what it is asked
      processes [integer] ids of its processes
      starts integer processes started
      calls integer calls
      failures integer calls that brought no answer
      waiting integer calls that wait for a process
      answering integer calls that a process is at work on
      trouble? string what is wrong with it [nothing]
    Event something that happened; its kind says which fields it has
      kind =EventKind dropped stands for events that came faster than they were read
      at? time when it happened [of dropped]
      task_id? integer the task [of other kinds than task and fetch]
      task_name? string the task's name [of other kinds than task and fetch]
      action? =EventAction the verb, or what the daemon did [of other kinds than task]
      from? =TaskState the task's state before [of other kinds than task, and when it was added]
      to? =TaskState the task's state now [of other kinds than task]
      reason? string a TaskReason of a task, a BlockReason of a host [none]
      actor? string who did it: uid N, daemon or schedule [of other kinds than task and host]
      settings_revision? integer the revision of its settings in force then [of other kinds than task]
      changes? [SettingChange] settings that have another value now [of other actions than set]
      host? string scheme://name:port [of other kinds than fetch and host]
      fetch_id? integer its row in the table fetches [of other kinds than fetch]
      url? string what was fetched [of other kinds than fetch]
      robots? boolean whether it was the host's robots.txt [of other kinds than fetch]
      attempt? integer which try it was, from 1 [of other kinds than fetch]
      outcome? =Outcome how it ended [of other kinds than fetch]
      status? integer HTTP status [no answer came]
      error? string what went wrong [nothing, or the outcome says it all]
      redirect_to? string where the answer redirects to [it does not]
      change? =PageChange what a recrawl found beside earlier crawls [it was none of a recrawl, or brought no answer]
      body_bytes? bytes the decoded body [of other kinds than fetch]
      duration? duration of everything, the queue included [it is not known]
      blocked_until? time until when the host is left alone [it is not blocked any more]
      message? string what the daemon says of itself [of other kinds than daemon]
      dropped? integer how many events [of other kinds than dropped]
    Reload what came of reading the configuration again
      message string what holds from now on, and what from the next start
    Shutdown the daemon that has ended
      pid integer its process
      in_flight integer fetches that were in flight when it was told to
    """
}
