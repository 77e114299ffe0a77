/// What all clients have done and heard. Confined to the loop's thread.
final class Counts: @unchecked Sendable {
  var acts: [String: Int] = [:]
  var connections = 0
  /// Connections that the daemon did not take.
  var refusals = 0
  var bytes = 0
  var results = 0
  var errors = 0
  var events = 0
  /// Replies that the end of the connection cut off.
  var cut = 0
  /// What was no reply, up to ten.
  private(set) var strange: [String] = []

  /// Takes a line of the daemon.
  func take(_ line: [UInt8]) {
    let isError = line.starts(with: #"{"error":{"code":-32"#.utf8)
    if isError || line.starts(with: #"{"id":"#.utf8) {
      if line.last != UInt8(ascii: "}") { cut += 1 } else if isError { errors += 1 } else { results += 1 }
    } else if line.starts(with: #"{"jsonrpc":"2.0","method":"event","params":{"#.utf8) {
      if line.last == UInt8(ascii: "}") { events += 1 } else { cut += 1 }
    } else if strange.count < 10 {
      strange.append(String(decoding: line.prefix(200), as: UTF8.self))
    }
  }

  var isClean: Bool { strange.isEmpty && results > 0 && errors > 0 }

  var json: String {
    let kinds = acts.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
    let others = strange.map { "\"\($0.filter { $0 != "\"" && $0 != "\\" && $0 >= " " })\"" }.joined(separator: ",")
    return "{\"acts\":{\(kinds)},\"bytes\":\(bytes),\"connections\":\(connections),\"cut\":\(cut),\"errors\":\(errors),"
      + "\"events\":\(events),"
      + "\"refusals\":\(refusals),\"results\":\(results),\"strange\":[\(others)]}"
  }
}
