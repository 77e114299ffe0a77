/// A method of the control protocol: its name, its parameters and its reply, shared by server and client.
///
/// Parameters and replies are JSON objects. Fields that a program does not know are ignored; fields without a value
/// are left out. Times are integer microseconds since 1970 UTC, durations microseconds, sizes bytes.
package protocol ControlMethod: SendableMetatype {
  associatedtype Parameters: Codable & Sendable
  associatedtype Result: Codable & Sendable

  /// `noun.verb`, the method's name on the wire.
  static var name: String { get }

  /// How the server answers it.
  static var answering: ControlAnswering { get }
}

extension ControlMethod {
  package static var answering: ControlAnswering { .inOrder }
}

/// How the server answers a method's requests.
package enum ControlAnswering: Sendable, Equatable {
  /// Before the next request of the same connection is looked at.
  case inOrder
  /// As `inOrder`; the reply may be long, so it becomes JSON on a pool thread instead of the loop's.
  case inOrderLong
  /// When something has happened; other requests of the connection are answered meanwhile.
  case later
}

/// Parameters of a method that takes none.
package struct NoParameters: Codable, Sendable, Equatable {
  package init() {}
}
