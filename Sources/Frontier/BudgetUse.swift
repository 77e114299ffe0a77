package import WebURL

/// What a budget of URLs was used for.
struct BudgetUse {
  /// URLs that were accepted, those that wait included.
  var accepted = 0
  /// Those of them whose visit has begun once. When a budget is narrowed, it goes to these and to what comes up next.
  var visited = 0

  /// Whether what waits is to be excluded: more was accepted than the budget has room for, and its room is used up.
  func isBeyond(_ budget: Int) -> Bool { accepted > budget && visited >= budget }
}

/// A count of what budgets were used for that is under way: URLs that were accepted before it began come up by their ids.
struct BudgetCount {
  /// URLs from this id on are counted when they are offered.
  let end: Int64
  /// The last id that has come up.
  private var last: Int64 = 0
  /// Those still to come up that are not asked for after all: none but known URLs of the task.
  private var givenBack: Set<Int64> = []

  init(end: Int64) {
    self.end = end
  }

  /// Whether the URL still counts, whose turn it is.
  mutating func takes(_ id: Int64) -> Bool {
    last = max(last, id)
    return givenBack.remove(id) == nil
  }

  /// A URL is not asked for after all. Returns whether it has counted so far.
  mutating func giveBack(_ id: Int64) -> Bool {
    if id <= last || id >= end { return true }
    givenBack.insert(id)
    return false
  }
}

extension Frontier {
  /// Counts a URL that is offered and accepted, or says which budget has no room for it.
  func budgetExclusion(_ url: WebURL, hostID: Int64, _ task: FrontierTask) -> ExclusionReason? {
    let budget = hostBudget(hostID, task)
    if let budget, task.hostBudgetUsed[hostID]?.accepted ?? 0 >= budget { return .hostBudget }
    if let budget = task.settings.patternBudget {
      let pattern = task.patternKey(url, hostID: hostID)
      if task.patternBudgetUsed[pattern]?.accepted ?? 0 >= budget { return .patternBudget }
      task.patternBudgetUsed[pattern, default: BudgetUse()].accepted += 1
    }
    if budget != nil { task.hostBudgetUsed[hostID, default: BudgetUse()].accepted += 1 }
    return nil
  }

  /// Judges a URL that comes up by budgets that are narrower than when it was accepted. One that was tried has its place.
  func budgetExclusionNow(_ entry: FrontierEntry, _ task: FrontierTask) -> ExclusionReason? {
    guard entry.attempts == 0, !task.isCountingBudgets else { return nil }
    if let budget = hostBudget(entry.hostID, task), let use = task.hostBudgetUsed[entry.hostID], use.isBeyond(budget) {
      return .hostBudget
    }
    if let budget = task.settings.patternBudget,
      let use = task.patternBudgetUsed[task.patternKey(entry.url, hostID: entry.hostID)], use.isBeyond(budget)
    {
      return .patternBudget
    }
    return nil
  }

  /// The first visit of a URL begins (1), or has not begun after all (-1).
  func noteBudgetVisit(_ entry: FrontierEntry, _ change: Int, _ task: FrontierTask) {
    guard entry.attempts == 0 else { return }
    if hostBudget(entry.hostID, task) != nil {
      task.hostBudgetUsed[entry.hostID, default: BudgetUse()].visited += change
    }
    if task.settings.patternBudget != nil {
      let pattern = task.patternKey(entry.url, hostID: entry.hostID)
      task.patternBudgetUsed[pattern, default: BudgetUse()].visited += change
    }
  }

  /// A URL that was accepted is not asked for after all.
  ///
  /// - Returns: the budgets that had no room until now, so that they may have excluded others; while they are counted, those
  ///   that may have had none.
  func giveBackBudget(_ entry: FrontierEntry, _ task: FrontierTask) -> Set<ExclusionReason> {
    if task.budgetCount?.giveBack(entry.id) == false { return budgets(for: entry.hostID, task) }
    var roomy: Set<ExclusionReason> = task.isCountingBudgets ? budgets(for: entry.hostID, task) : []
    if let budget = hostBudget(entry.hostID, task), let use = task.hostBudgetUsed[entry.hostID], use.accepted > 0 {
      task.hostBudgetUsed[entry.hostID]?.accepted -= 1
      if use.accepted == budget { roomy.insert(.hostBudget) }
    }
    if let budget = task.settings.patternBudget {
      let pattern = task.patternKey(entry.url, hostID: entry.hostID)
      if let use = task.patternBudgetUsed[pattern], use.accepted > 0 {
        task.patternBudgetUsed[pattern]?.accepted -= 1
        if use.accepted == budget { roomy.insert(.patternBudget) }
      }
    }
    return roomy
  }

  /// Those that count the URLs of the host.
  private func budgets(for hostID: Int64, _ task: FrontierTask) -> Set<ExclusionReason> {
    var budgets: Set<ExclusionReason> = []
    if hostBudget(hostID, task) != nil { budgets.insert(.hostBudget) }
    if task.settings.patternBudget != nil { budgets.insert(.patternBudget) }
    return budgets
  }

  /// The budgets' use is counted anew, until `endBudgetCount`. Returns the first id of those URLs that are counted when they are
  /// offered.
  package func beginBudgetCount(task taskID: Int64) -> Int64 {
    if let task = tasks[taskID] {
      task.budgetCount = BudgetCount(end: nextURLID)
      task.hostBudgetUsed.removeAll()
      task.patternBudgetUsed.removeAll()
    }
    return nextURLID
  }

  /// The budgets' use so far: a URL that was accepted before the count began, and whether a visit of it has begun by then, by
  /// their ids. Only asked for when a budget is set.
  package func noteBudgetUse(id: Int64, _ url: WebURL, hostID: Int64, isVisited: Bool, task taskID: Int64) {
    guard let task = tasks[taskID], task.budgetCount?.takes(id) ?? true else { return }
    if hostBudget(hostID, task) != nil {
      task.hostBudgetUsed[hostID, default: BudgetUse()].accepted += 1
      if isVisited { task.hostBudgetUsed[hostID]?.visited += 1 }
    }
    if task.settings.patternBudget != nil {
      let pattern = task.patternKey(url, hostID: hostID)
      task.patternBudgetUsed[pattern, default: BudgetUse()].accepted += 1
      if isVisited { task.patternBudgetUsed[pattern]?.visited += 1 }
    }
  }

  /// All that was accepted is counted: what waits is judged by budgets that are narrower when it comes up.
  package func endBudgetCount(task taskID: Int64) { tasks[taskID]?.budgetCount = nil }
}
