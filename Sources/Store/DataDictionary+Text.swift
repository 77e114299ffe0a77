extension DataDictionary {
  /// Times are microseconds since 1970 UTC in tables and ISO 8601 texts in views; durations microseconds, sizes bytes,
  /// unless a line says otherwise.
  static let text = """
    database the file itself; one row
      id always 1
      created_at time at which the file was made
      fingerprint_key 16 random bytes, the key of urls.fingerprint and fetches.content_hash
      product_version version of the program that made the file; 1: by one that did not note it
      last_task_id tasks have had ids up to this one at least, those that were removed included; none is given again
      last_run_id the same of runs
      last_url_id the same of URLs
      last_fetch_id the same of fetches
      unindexed_text_id after an upgrade: texts with ids up to it may not be in page_search yet; 0: all are
    tasks what a user submitted: seeds and settings
      id number of the task
      name its name, unique among the tasks that are there
      client_key the client's own key; a repeated add with it finds this task. Of a task that is removed another crawl of the same URLs has it
      state queued running pausing paused cancelling cancelled finished failed removing; scheduled is finished with next_run_at
      desired_state what the user asked for: running paused cancelled removed; kept over a restart
      reason why it is in its state: user quota_pages quota_bytes quota_time configuration no_answer keep_last seeds
      settings its settings as a JSON object of lists of texts
      settings_revision counts the changes of the settings; v_settings has what each changed
      run_id the run in progress or the last one
      created_at time at which it was added
      started_at time at which it first ran
      finished_at time at which it ended
      recrawl_of the task whose URLs it visits again; NULL: none
      open 1: more seeds may come, it does not finish before it is sealed
      next_run_at time at which a recrawl of it starts by itself; NULL: none does, or a later crawl has taken that over
      untold 1: it has ended, and its on-task-done handlers are still to be told
      lacks_seeds 1: a recrawl that is still taking over the seeds of recrawl_of; it fetches when it has all
      compared its fetches when its texts were compared last, see near_duplicates
      retried_at time at which a retry took it up again after its end: max_time counts from there; NULL: none did
      first_task_id of the crawls of the same URLs (recrawl_of) the id of the first, also when that is gone
      series of a recrawl that was named by number the name before that, by which its recrawls go on; NULL: it has a name of its own
      covers_earlier a recrawl that knows of all pages of the crawls before it what is there: a digest of which they were; NULL: it does not
    task_counters one row per task, committed with the rows that it counts
      task_id the task
      known rows of urls
      ready urls in state ready, those in flight included
      delayed urls in state delayed
      done urls in state done
      failed urls in state failed
      excluded urls in state excluded
      fetches rows of fetches, robots.txt included
      final_answers visits that ended with a final HTTP answer
      ok_answers final answers that were 2xx or 304
      wire_bytes sum of fetches.wire_bytes
      body_bytes sum of fetches.body_bytes
      new fetches with change new
      changed fetches with change changed
      unchanged fetches with change unchanged
      not_modified fetches with change not_modified
      gone fetches with change gone
      moved fetches with change moved
      seeds rows of urls that are seeds
    task_events every change of a task, oldest first
      id number of the event
      task_id the task
      at time of the change
      actor who: uid N, daemon, or schedule (the settings every and keep_last)
      action the verb, or what the daemon did: add queue start pause paused resume cancel cancelled finished failed set retry offer seal rm
      from_state state before; NULL for add
      to_state state after
      reason why, as in tasks.reason
      settings_revision the revision that the action led to
      changes add, set: the settings that it gave, a JSON object of {from, to}, lists of texts, by name; see v_settings
    runs each beginning of a task; a recrawl is a task, see tasks.recrawl_of
      id number of the run
      task_id the task
      number 1 for a task's first run
      started_at time of its beginning
      finished_at time of its end; NULL while it goes on
    handler_verdicts URLs that a filter-url handler dropped or rewrote, as it said first
      task_id the task
      url the URL as it was found
      handler name of the handler
      verdict drop (urls has it as excluded, reason handler) or rewrite
      words drop: the handler's own words; rewrite: the URL that was offered instead
      source_url_id the URL whose visit found it
    handler_failures calls of handlers that brought no answer
      id number of the failure
      task_id the task
      url_id the URL whose visit the call was part of; NULL: none
      handler name of the handler
      kind what it was asked: filter-url on-page on-task-done
      at time of the failure
      reason timeout ended too_long invalid error not_started unavailable
      detail the same as a sentence
    cookies what servers have stored with tasks that keep cookies
      task_id the task
      domain the host that set it, or the domain that it named
      path it goes to this path and those below
      name its name; here, in path and in value a byte that is not UTF-8 is one of the characters U+EF80 to U+EFFF
      host_only 1: it goes to that very host; 0: to hosts below it, too
      value its value
      secure 1: it goes over https alone
      expires_at time of its end; NULL: it lasts as long as the task
      created_at time at which it was set
    hosts what was ever asked: scheme, name and port, shared by all tasks
      id number of the host
      scheme http or https
      name as in a URL, without the root's dot: ASCII, IPv6 in brackets
      port TCP port
      registrable_domain the domain that somebody registered (example.co.uk); NULL for addresses and public suffixes
      robots_state known (robots_text rules), none (all is allowed), unreachable (nothing is)
      robots_fetched_at time at which robots.txt was fetched
      robots_expires_at time from which on it is fetched again
      crawl_delay duration from request to request that robots.txt asks for, 60 s at most
      next_fetch_at no fetch starts before this time
      blocked_until no fetch starts before this time, see block_reason
      block_reason retry_after outage
      user_blocked_until no fetch starts before this time, as a user said; NULL: no such block
      user_delay duration from request to request for all tasks, as a user said; NULL: as the tasks say
      user_concurrency fetches at once for all tasks, as a user said; NULL: as the tasks say
      user_budget URLs that each task may take there, as a user said; NULL: as the tasks say
      throttle_delay duration from request to request that errors, 429, 503 or rising latency ask for; NULL: none do
      robots_text robots.txt as received; CAST(robots_text AS TEXT) shows it
      robots_agent_id as whom robots.txt was asked for, see agents; NULL: as the first one
    urls every URL ever offered to a task, with its fate
      id number of the row
      task_id the task
      host_id the host; NULL when it names none that could be asked
      url WHATWG serialisation without fragment
      fingerprint SipHash-1-3 of the canonical form; unique within a task
      depth links followed from a seed, by the way that let the URL in first: 0 for seeds
      redirects redirects that led here in a row
      priority lower comes first within a host's queue
      state ready delayed done failed excluded
      reason delayed, failed: the last outcome (retry_after: as a redirect to it asks); done: the outcome when it was not ok; excluded: by which rule (all: URLReason in crawlctl shapes)
      due_at delayed: time of the next try
      attempts fetches so far that count; aborted ones do not
      via_url_id the URL where it was found first; NULL for seeds (depth 0), what a robots.txt names and what only an earlier crawl names
      discovered_at time at which it was offered first
      run_id the run that found it
    fetches one row per attempt
      id number of the fetch, in the order in which they were stored
      url_id the URL; NULL: the robots.txt of host_id
      host_id the host; of a robots.txt the one that it is for, wherever redirects have led
      task_id the task
      run_id the run
      attempt 1 for the first; a request that the server did not take shares the number of the next one
      settings_revision the revision of the task's settings that it obeyed, see v_settings
      started_at time at which it began
      status the HTTP status; NULL without an answer
      outcome what it came to: ok not_modified redirected client_error dns_not_found ... (all: Outcome in crawlctl shapes)
      error a sentence, when there is more to say than the outcome
      http_version 1.0 1.1 2 3
      remote_address the address that was asked; a proxy's, if there was one
      reused 1: on a connection that had served before
      redirect_to where the answer redirects to
      wire_bytes bytes received, headers included, before decoding; without what frames the body (chunk sizes)
      body_bytes bytes of the decoded body
      content_type the Content-Type field
      content_encoding the Content-Encoding field; of a 304 without one that of what it is about
      truncated 1: the body has more bytes than came or were kept
      retry_after duration that Retry-After asked for, an hour at most
      etag the ETag field, to ask by whether the page has changed
      last_modified the Last-Modified field, likewise
      time_queue duration of the wait for a place among the fetches in flight
      time_dns duration of looking up the name's address; this and the next two: 0 when not needed
      time_connect duration of the TCP connection's making, addresses that were tried in vain included
      time_tls duration of the TLS handshake
      time_first_byte duration from the request to the first byte of the answer; 0 when none came
      time_total duration of everything, the queue included
      tls_version version of TLS; NULL without it
      certificate_expires_at time at which the server's certificate ends
      request_headers header section of the request (zstd), with --store body; secrets are redacted
      response_headers header section of the response as received (zstd), with --store body; of a 304 that has a body_hash, that of the response which brought it
      body_hash its decoded body in bodies, with --store body; NULL for a 304 while the fetch that brought it is there
      tls_verified https: 1: the certificate had to be right; 0: any was taken
      content_hash of the whole decoded body of a success: equal bodies have equal hashes
      change recrawls, beside earlier crawls: new changed unchanged not_modified gone moved; NULL: it tells nothing
      earlier_fetch_id recrawls: the fetch that brought what earlier crawls have of the URL; NULL: they have none
      proxy name of the proxy; NULL: none
      content_bytes of not_modified: bytes of the body that still holds; NULL while the fetch that brought it is there
    pages what was read from a body, per URL and run
      url_id the URL
      run_id the run
      fetch_id the fetch that brought it
      title text of the first title element; at most 1,024 bytes
      description content of meta description; at most 1,024 bytes
      canonical_url target of link rel=canonical
      language of the lang attribute or Content-Language
      charset the encoding that it was read in
      charset_source how that was known: bom http meta utf8 (it reads as such) default (windows-1252; of XHTML utf-8)
      robots directives of meta robots and X-Robots-Tag; at most 1,024 bytes
      h1 text of the first h1 element; at most 1,024 bytes
      word_count words of its visible text: what white space parts
      text_hash of the text; equal texts have equal hashes
      simhash of the text (64 bits, shingles of 3 words, or letters of Chinese, Japanese, Thai): similar texts differ in few bits; NULL without --store text
      link_count its rows in links: targets and kinds
      fetched_at time of the fetch
      fields what on-page handlers say of it: a JSON object of objects by the handlers' names; NULL: nothing
      text_id its text in page_texts, with --store text; NULL: none is stored
      links_truncated 1: it has more links than links has rows of it: 10,000 different ones, 8 MiB of URLs; NULL: not noted, by an earlier version
    page_texts visible texts of pages, once per content, with --store text
      id number of the text
      hash SHA-256 of title and text
      title title of the pages that have it
      text the visible text, white space collapsed; at most 4 MiB
    near_duplicates pairs of different texts of a task whose simhashes differ in at most 3 of 64 bits, with --store text
      task_id the task
      url_id the first page that has the one text
      other_url_id the first page that has the other; greater than url_id
      distance bits in which the simhashes differ
    page_search full-text index (FTS5) over page_texts: WHERE page_search MATCH '...'; its rowid is page_texts.id
      title words of the title
      text words of the text
    links of each page's latest fetch: one row per target and kind
      source_url_id the page
      target_url_id the URL that it names
      kind the element or header that names it: a area link img redirect sitemap ... (all: LinkKind in crawlctl shapes), or handler
      rel the rel attribute, of the first occurrence without nofollow if there is one; with nofollow where X-Robots-Tag of what is no page (a sitemap, a feed, a document) says so
      anchor text of the link; at most 200 bytes
      position place of its first occurrence among the page's links, from 0
      count occurrences
    bodies decoded bodies, once per content, with --store body
      id number of the body
      hash SHA-256 of the body; fetches.body_hash
      codec how bytes is compressed: zstd, or none where that gains nothing
      size bytes of the body
      bytes the body, compressed
    """
}
