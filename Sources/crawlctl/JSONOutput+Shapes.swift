extension JSONOutput {
  /// Rows of the database: columns without a value are null. Times are texts here, as in the views.
  package static let database = """
    Column a column of a table or a view
      table string the table or view
      kind string table or view
      column string the column
      type string SQLite's type; empty for what a view computes
      meaning string what it means
    Match a page that has the words
      task string name of the task
      url string the page
      title string|null text of its first title element
      snippet string the place of the text, with the words in brackets
      fetched_at iso8601 when it was fetched
      url_id integer row of the table urls
    Difference a page that one task found other than another did
      change =Change what the later task found
      url string the page
      status integer|null HTTP status in the later task
      redirect_to string|null where it redirects to now
      was_title string|null its title in the earlier task
      title string|null its title in the later task
    PageRow a page that was read
      task string name of the task
      url string the page
      status integer|null HTTP status
      title string|null text of its first title element
      description string|null content of its meta description
      canonical_url string|null target of its link rel=canonical
      language string|null its language
      charset string|null the encoding that it was read in
      charset_source =CharsetSource|null how that was known
      robots string|null directives of its meta robots and X-Robots-Tag
      h1 string|null text of its first h1 element
      word_count integer|null words of its visible text
      link_count integer|null its rows of links
      depth integer links from a seed to it
      content_type string|null the Content-Type field
      body_bytes bytes|null the decoded body
      time_total duration|null of the fetch
      fetched_at iso8601 when it was fetched
      url_id integer row of the table urls
      run_id integer row of the table runs
      fetch_id integer|null row of the table fetches
      change =PageChange|null what a recrawl found
      fields string|null what on-page handlers say of it: JSON as a text
      links_truncated integer|null 1: it has more links than there are rows
    LinkRow a link of a page
      task string name of the task
      page string URL of the page
      link string URL that the link names
      kind =LinkKind its kind
      rel string|null its attribute rel
      anchor string|null its text
      position integer its place among the links of the page, from 0
      count integer how often the page has it
      source_url_id integer row of the table urls of the page
      target_url_id integer row of the table urls of the link
    URLRow a URL that a task was offered
      task string name of the task
      url string the URL
      state =URLState where it stands; what is in flight is ready
      reason =URLReason|null by which rule it is excluded, else the last outcome if that was not ok
      depth integer links from a seed to it
      redirects integer redirects that led to it in a row
      attempts integer fetches so far that count; aborted ones do not
      found_on string|null URL of the page that led to it
      discovered_at iso8601 when it was first offered
      url_id integer row of the table urls
    FetchRow a fetch
      task string name of the task
      url string what was fetched
      robots integer 1: it was the host's robots.txt
      attempt integer which try it was, from 1
      started_at iso8601 when it began
      status integer|null HTTP status
      outcome =Outcome how it ended
      error string|null what went wrong
      change =PageChange|null what a recrawl found
      redirect_to string|null where the answer redirects to
      content_type string|null the Content-Type field
      content_encoding string|null the Content-Encoding field; of a 304 without one that of what it is about
      wire_bytes bytes as it came, headers included
      body_bytes bytes the decoded body
      truncated integer 1: the body has more bytes than came or were kept
      http_version string|null of the answer
      remote_address string|null the IP address that answered
      proxy string|null name of the proxy
      tls_version string|null of the connection
      etag string|null the ETag field
      last_modified string|null the Last-Modified field
      time_dns duration|null of looking up the name
      time_connect duration|null of the TCP connection's making, addresses that were tried in vain included
      time_tls duration|null of the TLS handshake
      time_first_byte duration|null from the request to the first byte of the answer; 0: none came
      time_total duration|null of everything, the queue included
      settings_revision integer the settings of the task that it was made by
      url_id integer|null row of the table urls; null of robots.txt
      fetch_id integer row of the table fetches
    """

  /// What verbs make or find, and the screen of top.
  static let files = """
    Sample what the daemon said at one moment
      at time when it had said all of it
      status Status the daemon
      tasks [Task] all tasks, 20,000 at most
      hosts [Host] hosts that have work, 20,000 at most
      coroutines [FetchCoroutine] visits in progress, 20,000 at most
    Finding something found in the database
      check =FindingCheck what was examined
      problem boolean whether it breaks a promise; else it is only worth knowing
      message string the sentence
    Examination what was examined
      database string the file
      problems integer findings that are problems
      tasks integer its tasks; 0, as the others, when it could not be read
      urls integer its URLs
      fetches integer its fetches
      pages integer its pages
    Copy a copy of the database
      file string the file, as named
      bytes bytes its size
    ExportFile a file of rows
      file string the file, as named
      rows integer rows in it
      bytes bytes its size
    ArchiveFile a WARC file
      file string the file, as named
      responses integer answers in it
      revisits integer answers in it that only say that another has their body
      missing integer answers whose headers and bodies are not stored
      unclear integer answers whose stored requests name no URL
      damaged integer answers of which what is stored is damaged or lost
      bytes bytes its size
    Schema the shape of a verb's lines as a JSON Schema; unit is of our own
      $schema string its dialect
      $id string names verb and version; nothing is there
      title string the command
      description string when the version rises
      version integer the protocol's version
      anyOf [any] what a line is, a schema for each set of options
      $defs {any} the schemas that these name
    """

  /// What the kinds of check answer. `id` is that of the question, or null.
  package static let checks = """
    Problem a line that could not be answered
      id any of the line, or null
      error string what is wrong with it
    RobotsVerdict whether an agent may fetch a URL
      id any of the question, or null
      allow boolean whether it may
      rule string|null the rule that decided
      line integer|null the line of that rule, from 1
      crawl_delay seconds|null the Crawl-delay for the agent
      sitemaps [string] URLs of its Sitemap lines
      availability? =RobotsAvailability what the answer to /robots.txt means [the question has no status]
    URLForms how a URL is written
      id? any of the question, or null [it is of the command line]
      href string|null as browsers write it; null: it is no URL
      canonical string|null the form that tells it from others
      registrable_domain string|null its site
    PageLinks the links of a page
      id any of the question, or null
      charset string the encoding that it was read in
      charset_source =CharsetSource how that was known
      base string|null what its links are relative to, if it says so
      title string|null text of its first title element
      refresh string|null where it sends its readers
      links [PageLink] in the order of the page
    PageLink a link of a page
      url string|null what it names; null: no URL
      kind =LinkKind its kind
      rel string|null its attribute rel
      tag string the element; svg:a of SVG
      attribute string the attribute that has it
      value string as it is written
      hreflang? string the language of its target [it names none]
    PageFacts what a page says of itself
      id any of the question, or null
      charset string the encoding that it was read in
      charset_source =CharsetSource how that was known
      title string|null text of its first title element
      description string|null content of its meta description
      h1 string|null text of its first h1 element
      language string|null its language
      canonical string|null target of its link rel=canonical
      robots Directives what it asks of crawlers
      refresh string|null where it sends its readers
      open_graph OpenGraph how it is to be shown elsewhere
      alternates [Alternate] the same page in other languages
      word_count integer words of its visible text
      text string its visible text, at most 1 MiB
    Directives what a page asks of crawlers
      noindex boolean whether it is not to be found
      nofollow boolean whether its links are not to be followed
      text string|null as it is written
    OpenGraph properties of a page for those who show it
      title? string og:title [the page has none]
      description? string og:description [the page has none]
      url? string og:url [the page has none]
      image? string og:image [the page has none]
      type? string og:type [the page has none]
      site_name? string og:site_name [the page has none]
      locale? string og:locale [the page has none]
    Alternate a page in another language
      hreflang string|null the language
      url string|null the page
    Sitemap what a sitemap or feed names
      id any of the question, or null
      kind =SitemapKind|null what it is; null: none of these
      entries [SitemapEntry] pages; none of an index
      sitemaps [string] URLs of the sitemaps of an index
    SitemapEntry a page that a sitemap names
      url string the page
      lastmod string|null as it is written
    AddressVerdict whether crawld may connect to an address, when its configuration allows no network
      id any of the question, or null
      allowed boolean whether it may
      rule string|null the rule that refuses it
    RetryAfter how long a Retry-After field asks to wait
      id any of the question, or null
      seconds integer|null seconds, at most 3600; null: it is to be ignored
    """
}
