package import WebURL

/// The URLs of one task that nothing which names them changes any more, for whoever looks for many of them in a row.
package struct SettledURLs {
  private let task: FrontierTask
  private let fingerprintKey: FingerprintKey

  init(_ task: FrontierTask, _ fingerprintKey: FingerprintKey) {
    self.task = task
    self.fingerprintKey = fingerprintKey
  }

  /// The id of a URL that is queued, visited, or excluded for good: to offer it would give that, and do nothing. Nil for any
  /// other, and for one with a user or a password, without which it is to be offered.
  package func id(of url: WebURL) -> Int64? {
    if url.hasCredentials { return nil }
    let known = task.seen[url.canonicalFingerprint(task.settings.canonicalPolicy, fingerprintKey)]
    return known?.standing == .settled ? known?.id : nil
  }
}

extension Frontier {
  /// Valid until the task is removed. Its known URLs must be loaded, as for an offer.
  package func settledURLs(task taskID: Int64) -> SettledURLs {
    guard let task = tasks[taskID] else { fatalError("task \(taskID) has no frontier") }
    guard task.seenIsComplete else { fatalError("the known URLs of task \(taskID) are not loaded") }
    return SettledURLs(task, fingerprintKey)
  }
}
