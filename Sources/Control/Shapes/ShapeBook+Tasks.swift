extension ShapeBook {
  /// Tasks, and the URLs of them.
  static let tasks = """
    Task a task
      id integer its number, unique in the database
      name string its name, unique among the tasks that are there
      state =TaskState where it stands
      desired_state =DesiredState what its user asked for
      reason? =TaskReason why it is paused, failed, cancelled or being removed [nothing is to be said of its state]
      hold? =Hold what is wrong, with the daemon or with its settings, that it starts no fetch [nothing]
      hold_sentence? string the same as a sentence [as hold]
      run integer 1: a recrawl is a task of its own
      recrawl_of? integer id of the task whose URLs it visits again [it is no recrawl]
      open? boolean true: more seeds may come, it does not finish before it is sealed [it is not open]
      seed_count integer its seeds
      created_at time when it was added
      started_at? time when it first ran [it has not run yet]
      finished_at? time when it ended [it has not ended]
      next_run_at? time when a recrawl of it starts by itself (setting every) [none does]
      elapsed? duration from its first start to its end, or until now, pauses included [it has not run yet]
      settings {string} its settings in force, by name; the texts of a list are joined by commas
      setting_lists? {[string]} the texts of lists in which commas may be, if several: crawlctl set takes one at a time, NAME=TEXT NAME=TEXT [there are none]
      other_settings? [string] names of those that are not the daemon's defaults [show and run alone tell it]
      settings_revision integer counts the changes of its settings, from 1
      settings_history? [SettingsRevision] the last five of those, the newest first [show and run alone tell it]
      counts TaskCounts its URLs by state, and its fetches
      bytes TaskBytes what it has received
      rate rate final answers, over the last ten seconds
      ok_percent? percent share of 2xx and 304 among its final answers, 0 to 100 [before the first]
      actions [=TaskAction] verbs that it can be asked in its state
      outcomes? {=Outcome:integer} its fetches by outcome [show and run alone tell it]
      changes? {=PageChange:integer} its URLs by what it found beside earlier crawls [it is no recrawl]
      reasons? [ReasonCount] its URLs that brought nothing: failed, excluded, done with a server's error [show and run alone tell it]
      handler_failures? [HandlerFailureCount] calls of its handlers that brought no answer [show and run alone tell it]
      errors? [TaskError] its last fetches without a good answer, newest first, at most ten [show and run alone tell it]
      seeds? [string] its first ten seeds [show and run alone tell it]
    SettingsRevision what set gave a task once
      revision integer the revision that it led to, as in the tables fetches and task_events
      at time when
      actor string who: uid N
      changes [SettingChange] settings that had another value from then on; none if a version before 22 of the schema stored it
    TaskCounts URLs of a task by state, and its fetches
      known integer every URL ever offered: the sum of the states below
      ready integer URLs that wait for their turn
      delayed integer URLs that are tried again at a time of their own
      in_flight integer URLs that are being visited
      done integer URLs that were visited, redirects among them
      failed integer URLs without an answer after the last attempt, or whose robots.txt could not be read
      excluded integer URLs that a rule keeps from being visited
      fetches integer fetches, with retries, redirects and robots.txt
      final_answers integer visits that ended with a final HTTP answer
      ok_answers integer final answers with 2xx or 304
    TaskBytes what a task has received
      wire bytes as it came, headers included
      body bytes bodies after decoding
    ReasonCount a number of URLs with one state and reason
      state =URLState their state
      reason =URLReason why
      count integer how many
    HandlerFailureCount a number of a handler's failed calls of one kind and reason
      handler string the handler's name
      kind =HandlerKind what it was asked
      reason =HandlerFailure why no answer came
      count integer how many
    TaskError a fetch without a good answer
      url string what was to be fetched
      outcome =Outcome how it ended
      error? string the same in words [there is nothing more to say]
      at? time when it began [it is not known]
    URL a URL of a task, and its fate
      id integer its row in the table urls
      task_id integer the task
      task_name string the task's name
      url string as the task has it
      state =URLState where it stands; in_flight until its visit has committed
      reason? =URLReason by which rule it is excluded, else the last outcome if that was not ok [neither]
      depth integer links from a seed to it
      redirects integer redirects that led to it in a row
      priority integer within its host's queue lower comes first
      attempts integer fetches so far that count; aborted ones do not
      discovered_at time when it was first offered
      due_at? time when it may be fetched [no time is known]
      via [string] URLs of the pages that lead to it: its referrer first, a seed last
      link_kinds? [string] kinds of the links by which the first names it; sitemap: a robots.txt does; recrawl: an earlier crawl [none]
      last_fetch? Fetch its latest fetch [it was not fetched]
      robots_fetch? Fetch the latest fetch of its host's robots.txt, if that keeps it from being fetched [otherwise]
      title? string the title of its page [it has none]
      links_truncated? boolean its page has more links than are kept [it has not]
      handler? string the handler that dropped it [none did]
      handler_words? string what the handler said of it [it said nothing]
    Fetch a fetch of a URL
      at time when it began
      attempt integer which try it was, from 1
      outcome =Outcome how it ended
      change? =PageChange what a recrawl found beside earlier crawls [it was none of a recrawl, or brought no answer]
      status? integer HTTP status [no answer came]
      error? string what went wrong [nothing, or the outcome says it all]
      body_bytes? bytes its decoded body [it is not known]
      redirect_to? string where the answer redirects to [it does not]
      remote_address? string the IP address that was asked; a proxy's, if there was one [none was asked]
      duration? duration of everything, the queue included [it is not known]
    Answer what a task, a host or a URL is waiting for
      kind =Subject what the subject was taken for
      subject string its full name: the task's name, the host's origin, the URL
      state? string a TaskState of a task, a URLState of a URL [of a host]
      reason? string a TaskReason of a task, a URLReason of a URL [none]
      lines [AnswerLine] the answer, the most important first
      next_due_at? time when it, or the next of its URLs, may be fetched, whatever holds it up [no time is known, or it may be now]
      tasks [integer] ids of its tasks
    AnswerLine one thing that holds a subject up, or a fact about it
      kind =AnswerKind a stable word for programs
      text string the sentence for people
      count? integer URLs, or fetches, concerned [it is not about a number]
      until? time until when it holds [no time is known]
    """

  /// What verbs did.
  static let steering = """
    TaskChange what a verb did to a task
      id? integer the task [the name means no task]
      name string the task's name, or what was given as such
      from? =TaskState its state before [there is an error]
      to? =TaskState its state now [there is an error]
      urls? integer URLs that are tried again [of other verbs than retry]
      error? Error why nothing was changed [it was done]
    Error why something was not done
      code integer -32602 a parameter, -32603 our fault, -32001 failed, -32004 not found, -32005 refused, -32006 timed out ...
      message string a sentence
      data? ErrorFacts what programs may want to know of it [nothing]
    ErrorFacts facts about an error
      methods? [string] the methods that the daemon knows [no method was unknown]
      actions? [=TaskAction] verbs that the task can be asked in its state [its state was no obstacle]
      candidates? [string] names that begin as the one that was given [they are not several]
      parameter? string the parameter, or setting, that was not acceptable [all were]
      accepted? string what it accepts [all were]
      problem? OfferProblem the seed that is none [it was no seed]
    Offer sums of what became of seeds that were offered
      id integer the task; 0: nothing was offered
      name string its name, or what was given as such
      new integer seeds that it did not have
      excluded integer those of the new ones that a rule excludes all the same
      known integer URLs that it visits, or has visited, already
      invalid integer texts that are no http or https URL
      problems [OfferProblem] the first ten of those
    OfferProblem a text that was no seed
      url string the text, without user and password; empty of a line that is no text
      problem string what is wrong with it
      index? integer its place among the texts that were sent, from 0 [it was not sent, since it is no text]
    SettingChanges a task's settings, changed
      id integer the task
      name string its name
      settings_revision integer the revision in force now
      changes [SettingChange] settings that have another value now
    SettingChange a setting with another value
      setting string its name
      from? string its value before [there was none]
      to string its value now
    """
}
