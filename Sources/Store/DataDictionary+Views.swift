extension DataDictionary {
  /// The same of views.
  static let views = """
    v_pages the pages of each URL's latest run
      task name of the task
      url the page's URL
      status HTTP status
      title text of the first title element
      description content of meta description
      canonical_url target of link rel=canonical
      language its language
      charset the encoding that it was read in
      charset_source how that was known
      robots directives of meta robots
      h1 text of the first h1 element
      word_count words of its visible text
      link_count its rows in links
      depth links followed from a seed
      content_type the Content-Type field
      body_bytes bytes of the decoded body; of a 304 those of the body that still holds; NULL: not known
      time_total duration of the fetch
      fetched_at time of the fetch
      url_id row of urls
      run_id row of runs
      fetch_id row of fetches
      change what a recrawl found, as fetches.change
      fields what on-page handlers say of it: json_extract(fields, '$.handler.field')
      links_truncated 1: it has more links than links has rows of it, as pages.links_truncated
    v_broken_links which page links to a URL that has no good answer, or redirects nowhere: to no http URL, or without end
      task name of the task
      page URL of the page that has the link
      link URL that it names
      kind kind of the link
      anchor text of the link
      count occurrences in the page
      status HTTP status of the link's latest fetch; NULL without an answer
      outcome what that fetch came to
      fetched_at time of that fetch
      source_url_id row of urls of the page
      target_url_id row of urls of the link
    v_redirects every redirect that was answered
      task name of the task
      url URL that was asked for
      status HTTP status
      redirect_to where the answer redirects to
      fetched_at time of the fetch
      url_id row of urls
      fetch_id row of fetches
    v_errors URLs whose latest fetch, or that of their host's robots.txt, brought no good answer; redirects that lead nowhere, too
      task name of the task
      url the URL
      state its state
      outcome what the fetch came to
      status HTTP status; NULL without an answer
      error a sentence, when there is more to say
      attempts fetches so far that count
      remote_address the address that was asked
      fetched_at time of the fetch
      url_id row of urls
      fetch_id row of fetches
      reason urls.reason: robots_unreachable when robots.txt stood in the way
    v_excluded URLs that are not fetched, by which rule, and where they were found
      task name of the task
      url the URL
      reason the rule
      depth links followed from a seed
      found_on URL of the page that named it first; NULL: none, see urls.via_url_id
      discovered_at time of that
      url_id row of urls
      handler reason handler: the name of the handler that dropped it
      words reason handler: what it said
    v_handler_failures failed calls of handlers, the latest first
      task name of the task
      url URL whose visit the call was part of
      handler name of the handler
      kind what it was asked
      reason timeout ended too_long invalid error not_started unavailable
      detail the same as a sentence
      at time of the failure
      task_id the task
      url_id row of urls
      id row of handler_failures
    v_settings settings of tasks: what each revision changed; the first has all that a task was added with
      task name of the task
      settings_revision the revision that the change led to
      at time of the change
      actor who: uid N, daemon, or schedule (the settings every and keep_last)
      setting its name
      old_value its value before; NULL: none, the task was added with it
      value its value from then on; several are joined by commas
      task_id the task
      event_id row of task_events
    v_slow_hosts hosts, the slowest first; times in milliseconds
      scheme http or https
      name name of the host
      port TCP port
      fetches number of fetches
      first_byte_ms mean milliseconds to the first byte, of fetches with an answer; NULL: none has one
      total_ms mean milliseconds of a fetch
      longest_ms milliseconds of the longest fetch
      without_answer fetches without an answer
      host_id row of hosts
    v_duplicates pages of one task with the same text
      task name of the task
      text_hash hash that they share
      copies how many share it
      url the page's URL
      title its title
      url_id row of urls
    v_changes what recrawls found, beside what earlier crawls have (names with was_)
      task name of the recrawl
      url the URL
      change new changed unchanged not_modified gone moved
      status HTTP status now
      redirect_to where it redirects to now
      title title now
      was_title title in the earlier crawl
      text_differs 1: the visible text is another one; NULL: no earlier page is there
      body_bytes bytes of the body now; of a 304 as in the earlier crawl
      was_body_bytes bytes of the body in the earlier crawl; NULL: not known
      fetched_at time of the fetch
      was_fetched_at time of the fetch in the earlier crawl
      task_id row of tasks
      url_id row of urls
      fetch_id row of fetches
      earlier_fetch_id row of fetches of the earlier crawl
    v_tasks tasks with their counters
      id number of the task
      name its name
      state its state
      desired_state what the user asked for
      reason why it is in its state
      known URLs ever offered
      ready URLs that are ready
      delayed URLs that wait for another try
      done URLs that were visited
      failed URLs without an answer
      excluded URLs that a rule excludes
      fetches fetches, robots.txt included
      final_answers visits with a final HTTP answer
      ok_percent share of 2xx and 304 among final answers
      wire_bytes bytes received
      body_bytes bytes of decoded bodies
      settings_revision counts the changes of the settings
      created_at time at which it was added
      started_at time at which it first ran
      finished_at time at which it ended
      recrawl_of the task whose URLs it visits again
      new URLs that a recrawl found new
      changed URLs that a recrawl found changed
      unchanged URLs that a recrawl found as they were
      not_modified URLs of which the server said so
      gone URLs that a recrawl found gone
      moved URLs that a recrawl found moved
    v_texts pages with their visible texts, with --store text
      task name of the task
      url the page's URL
      title text of the first title element
      text its visible text, white space collapsed
      language of the lang attribute or Content-Language
      word_count words of its visible text
      fetched_at time of the fetch
      url_id row of urls
      text_id row of page_texts
    v_near_duplicates pairs of different texts of one task that are nearly the same, as near_duplicates has them
      task name of the task
      distance bits in which the simhashes differ
      url the first page that has the one text
      other_url the first page that has the other
      url_id row of urls
      other_url_id row of urls
    v_recent the last 100 fetches, the newest first
      fetched_at time of the fetch
      task name of the task
      url the URL
      status HTTP status
      outcome what it came to
      body_bytes bytes of the decoded body
      total_ms milliseconds of the fetch
      attempt 1 for the first
      error a sentence, when there is more to say
      fetch_id row of fetches
    """
}
