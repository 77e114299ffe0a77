/// What the command line says.
struct Options: Sendable {
  var socket = ""
  var clients = 64
  /// Of each client; nil: until it is told to stop.
  var acts: Int?
  var seed = 1
  var isPatient = false

  init?(_ arguments: some Sequence<String>) {
    var rest = Array(arguments)[...]
    guard let path = rest.popFirst(), !path.hasPrefix("--") else { return nil }
    socket = path
    while let name = rest.popFirst() {
      guard let value = rest.popFirst().flatMap({ Int($0) }), value > 0 else { return nil }
      switch name {
      case "--clients": clients = value
      case "--acts": acts = value
      case "--seed": seed = value
      case "--patient": isPatient = true
      default: return nil
      }
    }
  }
}
