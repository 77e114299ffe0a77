/// A method whose reply is followed by notifications on the same connection, until the client ends it.
package protocol ControlSubscription: ControlMethod {
  /// The `params` of each notification.
  associatedtype Event: Codable & Sendable

  /// The `method` of the notifications.
  static var notification: String { get }

  /// What tells a subscriber, in place of so many events, that they were dropped because it reads too slowly.
  static func dropped(_ count: Int) -> Event
}

extension ControlSubscription {
  package static var answering: ControlAnswering { .later }
}

/// What a handler makes of a subscription: the reply, and where its events come from.
package struct ControlStream<M: ControlSubscription>: Sendable {
  package var reply: M.Result
  package var feed: ControlFeed<M.Event>
  /// Called once, when the client has gone.
  package var end: @Sendable () async -> Void

  package init(reply: M.Result, feed: ControlFeed<M.Event>, end: @escaping @Sendable () async -> Void) {
    self.reply = reply
    self.feed = feed
    self.end = end
  }
}
