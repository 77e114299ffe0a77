import CCurl
import EventLoop

/// Closing idle connections in time, whatever is fetched meanwhile.
///
/// libcurl looks for connections that were idle for too long, or that the server has closed, when a transfer looks for one,
/// once a second at most, and at no other time. So there is a transfer that looks and goes nowhere: when the last transfer of
/// the shard has ended long enough ago, and a second after an idle connection had something to say, which mostly is its end.
extension Shard {
  /// The age at which libcurl finds a connection too old, which it counts in whole seconds, and some of a tick's time.
  private var idleTime: Duration { .seconds(idleSeconds) + Shard.nextSweep }

  /// libcurl looks again after a second.
  private static let nextSweep: Duration = .milliseconds(1_100)

  /// A transfer has ended. It sets no timer while one is set.
  func noteEnd() {
    lastEnd = loop.now
    if sweepTimer == nil, sockets > 0 { setSweepTimer(lastEnd + idleTime) }
  }

  /// An idle connection has something to say.
  func noteWord(on socket: FetchSocket) {
    talkative.append(socket)
    setSweepTimer(loop.now + Shard.nextSweep)
  }

  private func setSweepTimer(_ instant: Instant) {
    if let sweepTimer, sweepTimer.deadline <= instant { return }
    sweepTimer?.cancel()
    sweepTimer = loop.callAt(instant) { [unowned self] in
      sweepTimer = nil
      beginSweep(idleSeconds: idleSeconds)
    }
  }

  /// Closes what was idle for longer than this, and what the servers have closed, in the next tick. O(connections).
  func beginSweep(idleSeconds: Int) {
    for socket in talkative where table[socket.descriptor] === socket { socket.passOverLastWords() }
    talkative = []
    guard !isClosed, sockets > 0, sweep == nil else { return }
    guard let sweep = Sweep(idleSeconds: idleSeconds), curl_multi_add_handle(multi, sweep.easy) == CURLM_OK else {
      return setSweepTimer(loop.now + idleTime)
    }
    self.sweep = sweep
  }

  /// libcurl is done with it.
  func endSweep() {
    guard let sweep else { return }
    curl_multi_remove_handle(multi, sweep.easy)
    self.sweep = nil
    let next = lastEnd + idleTime
    guard !isClosed, sockets > 0, transferCount == 0 || next > loop.now else { return }
    setSweepTimer(max(next, loop.now + Shard.nextSweep))
  }
}

/// A transfer that looks for a connection, and ends because it may open none.
final class Sweep {
  let easy: UnsafeMutableRawPointer

  /// nil when libcurl has no memory.
  init?(idleSeconds: Int) {
    guard let easy = curl_easy_init() else { return nil }
    self.easy = easy
    let codes = [
      ccurl_set_string(easy, CURLOPT_URL, "http://127.0.0.1:1/"),
      ccurl_set_string(easy, CURLOPT_PROXY, ""),
      ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1),
      ccurl_set_open_function(easy) { _, _, _ in -1 },
      ccurl_set_long(easy, CURLOPT_MAXAGE_CONN, idleSeconds),
      ccurl_set_long(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0),
      ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1),
    ]
    guard codes.allSatisfy({ $0 == CURLE_OK }) else { return nil }
  }

  deinit {
    curl_easy_cleanup(easy)
  }
}
