extension ShapeBook {
  /// The closed vocabularies of the replies. The types that they are the words of live in rooms above and beside this one;
  /// the daemon's tests compare them.
  static let controlWords = [
    list("TaskState", "queued running pausing paused cancelling cancelled finished failed removing"),
    list("DesiredState", "running paused cancelled removed"),
    list("TaskReason", "user quota_pages quota_bytes quota_time configuration no_answer keep_last seeds"),
    list("TaskAction", "pause resume cancel set retry offer seal rm"),
    list("Hold", "disk database log configuration"),
    list("URLState", "ready delayed in_flight done failed excluded"),
    list("URLReason", outcomes + " robots_unreachable retry_after " + exclusions),
    list("Outcome", outcomes),
    list("PageChange", "new changed unchanged not_modified gone moved"),
    list("HandlerKind", "filter-url on-page on-task-done"),
    list("HandlerFailure", "timeout ended too_long invalid error not_started unavailable"),
    list("DelayOrigin", "task user crawl_delay throttle"),
    list("BlockReason", "retry_after user outage"),
    list("RobotsState", "unknown fetching retrying known none outdated unreachable"),
    list("Phase", "queued dns connect tls request_sent body parse load handler turn"),
    list("Limit", "in_flight open_sockets bodies writer_visits writer_bytes"),
    list("Subject", "task host url"),
    list("EventKind", "task fetch host daemon dropped"),
    list("EventAction", "add queue start pause paused resume cancel cancelled finished failed set retry offer seal rm"),
    list("AnswerKind", answers),
  ]

  private static let outcomes = """
    ok not_modified redirected client_error gone server_error rate_limited dns_not_found dns_failed dns_timeout \
    connect_refused connect_timeout connect_failed proxy_failed tls_failed tls_timeout first_byte_timeout body_timeout \
    too_slow reset protocol_error too_large bomb header_limit truncated address_refused scheme_refused local_resource \
    aborted
    """

  /// Those that are no outcomes as well.
  private static let exclusions = """
    scope include exclude depth robots nofollow follow trap_length trap_repeat trap_segments budget_host budget_pattern \
    url_invalid url_too_long redirect_limit handler
    """

  private static let answers = """
    queued running pausing paused cancelling cancelled finished failed removing \
    host host_turn host_delay host_crawl_delay host_throttle host_restart host_retry_after host_outage \
    host_blocked_by_user host_request host_concurrency host_address host_robots host_refill host_in_flight \
    host_blocked host_budget host_settings \
    writer bodies daemon_in_flight log disk database loading seeds dormant_hosts max_pages max_time max_in_flight handlers proxy \
    rate rules in_flight commit handler_failing telling texts last_error ready delayed done excluded canonical via handler \
    rewritten last_fetch robots_unreachable robots_redirect links_truncated
    """

  private static func list(_ name: String, _ words: String) -> WordList {
    WordList(name, words.split(separator: " ").map(String.init))
  }
}
