import CLinux

/// What a watch waits for.
public struct Interest: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  public static let readable = Interest(rawValue: 1)
  public static let writable = Interest(rawValue: 2)
  /// Report each change once, instead of in every tick while it lasts. The peer's end of sending is reported too.
  public static let edgeTriggered = Interest(rawValue: 4)
  /// Report it before others when more is ready than a tick takes. It is chosen with the watch, and stays.
  public static let preferred = Interest(rawValue: 8)

  var events: UInt32 {
    var events: UInt32 = 0
    if contains(.readable) { events |= CLINUX_READABLE }
    if contains(.writable) { events |= CLINUX_WRITABLE }
    if contains(.edgeTriggered) { events |= CLINUX_EDGE_TRIGGERED | CLINUX_PEER_CLOSED }
    return events
  }

  /// Whether the kernel has to know: with neither direction wanted it would still report errors, in every tick.
  var isActive: Bool { !isDisjoint(with: [.readable, .writable]) }
}

/// What a descriptor is ready for.
public struct Readiness: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  public static let readable = Readiness(rawValue: 1)
  public static let writable = Readiness(rawValue: 2)
  /// An error is pending on the descriptor; it is reported whether it was asked for or not.
  public static let error = Readiness(rawValue: 8)
  /// Both directions have ended; reported whether it was asked for or not.
  public static let hangUp = Readiness(rawValue: 16)
  /// The peer sends no more. Only edge-triggered watches report it.
  public static let peerClosed = Readiness(rawValue: 32)

  init(events: UInt32) {
    var readiness: Readiness = []
    if events & CLINUX_READABLE != 0 { readiness.insert(.readable) }
    if events & CLINUX_WRITABLE != 0 { readiness.insert(.writable) }
    if events & CLINUX_ERROR != 0 { readiness.insert(.error) }
    if events & CLINUX_HANG_UP != 0 { readiness.insert(.hangUp) }
    if events & CLINUX_PEER_CLOSED != 0 { readiness.insert(.peerClosed) }
    self = readiness
  }
}
