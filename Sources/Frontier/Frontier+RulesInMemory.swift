// How much memory rules of robots.txt files take: a file has half a megabyte at most, and its rules four times as much, but
// one name in DNS may stand for any number of hosts. Above the bound hosts give up theirs, and have them read or fetched
// again when a URL is to start there.
extension Frontier {
  /// So many hosts keep their rules, in a row, since they are in use.
  private static let sparedHosts = 64

  /// What the host has of rules has changed: if it is more than the bound allows, others give up theirs. O(1), amortised.
  func noteRules(of host: Host) {
    rulesBytes += host.countRules()
    if host.rulesBytes > 0, !host.isListedWithRules {
      host.isListedWithRules = true
      hostsWithRules.append(host)
      if hostsWithRules.count > 2 * hosts.count + 64 { dropHostsWithoutRules() }
    }
    giveUpRules(but: host)
  }

  private func dropHostsWithoutRules() {
    hostsWithRules.removeAll { host in
      host.isListedWithRules = host.rulesBytes > 0
      return !host.isListedWithRules
    }
  }

  /// Has hosts give up their rules until the rest is within the bound. Those that have used theirs since they were looked at
  /// last, and those of which something is in flight or whose first page is to come, have a second chance.
  private func giveUpRules(but newest: Host) {
    var chances = Self.sparedHosts
    while rulesBytes > limits.rulesBytes, let host = hostsWithRules.popFirst() {
      if host === newest || chances > 0 && (host.hasUsedRules || host.inFlight > 0 || host.isAwaitingFirstPage) {
        hostsWithRules.append(host)
        if hostsWithRules.count == 1 { return }
        host.hasUsedRules = false
        chances -= 1
        continue
      }
      host.isListedWithRules = false
      host.giveUpRules()
      rulesBytes += host.countRules()
    }
  }
}
