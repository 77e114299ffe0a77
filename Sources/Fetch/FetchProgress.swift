package import EventLoop

/// Where a fetch is right now, for those who ask while it runs (`crawlctl ps`).
///
/// Confined to the loop's thread: the fetcher writes, callers on the same loop read. Never hand it to another thread;
/// that is why `@unchecked` is right.
package final class FetchProgress: @unchecked Sendable {
  package enum Phase: String, Sendable, CaseIterable {
    case queued
    case dns
    case connect
    case tls
    case requestSent = "request sent"
    case body

    /// The server has the request, or may have it: the fetch counts.
    package var isRequestSent: Bool { self == .requestSent || self == .body }
  }

  package private(set) var phase = Phase.queued
  package private(set) var phaseSince: EventLoop.Instant
  /// Bytes of the decoded body so far.
  package internal(set) var bytes = 0

  package init(now: EventLoop.Instant) {
    phaseSince = now
  }

  func enter(_ phase: Phase, now: EventLoop.Instant) {
    guard phase != self.phase else { return }
    self.phase = phase
    phaseSince = now
  }
}
