/// One thing that a client does on a connection, or with several.
enum Act: String, CaseIterable, Sendable {
  case garbage, halfLine, endlessLine, deepJSON, duplicateKeys, invalidText, slowBytes, storm, neverReading, longPolls
  case flood, wrongRequests, subscriptions

  /// Lines that are sent at once; none for what is no matter of lines.
  func lines(_ draw: (Int) -> Int) -> [[UInt8]] {
    switch self {
    case .garbage:
      (0..<50).map { _ in (0..<draw(400)).map { _ in UInt8(draw(256)) } + [0x0A] }
    case .deepJSON:
      [
        request(#""params":"# + String(repeating: "[", count: 100_000)),
        request(#""params":"# + String(repeating: "[", count: 60) + String(repeating: "]", count: 60)),
        request(
          #""params":{"tasks":["# + Array(repeating: #"{"a":[{"b":[0]}]}"#, count: 50_000).joined(separator: ",") + "]}"
        ),
        request(
          #""params":"# + String(repeating: #"{"a":"#, count: 30_000) + "1" + String(repeating: "}", count: 30_000)),
      ]
    case .duplicateKeys:
      [
        request(#""method":"daemon.status","method":"task.list","id":3,"id":4,"params":{"limit":1,"limit":2}"#),
        request(#""params":{},"params":[],"jsonrpc":"1.0""#),
        request(#""params":{"# + (0..<5_000).map { _ in #""limit":1"# }.joined(separator: ",") + "}"),
      ]
    case .invalidText:
      [
        Array(#"{"jsonrpc":"2.0","id":"\#u{0}","method":"task.list"}"#.utf8) + [0x0A],
        Array(#"{"jsonrpc":"2.0","id":"#.utf8) + [0x22, 0xC3, 0x28, 0xFF, 0x22] + Array(#","method":"task.list"}"#.utf8)
          + [0x0A],
        Array(#"{"jsonrpc":"2.0","id":"\ud800","method":"task.list"}"#.utf8) + [0x0A],
        [0xEF, 0xBB, 0xBF] + request(""),
      ]
    case .flood:
      (0..<200).map { _ in request(["daemon.status", "task.list", "host.list", "coroutine.list"][draw(4)], "") }
    case .wrongRequests:
      [
        request("task.add", #""params":{"seeds":[]}"#),
        request("task.add", #""params":{"seeds":["http://"],"settings":{"delay":-1}}"#),
        request(
          "task.add", #""params":{"seeds":["gopher://h0.test/"],"name":"\#(String(repeating: "n", count: 9_999))"}"#),
        request("task.show", #""params":{"task":"\#(String(repeating: "t", count: 500_000))"}"#),
        request("no.such", ""), request("task.set", #""params":{"task":"none","settings":{"delay":{}}}"#),
        request("task.list", #""params":{"limit":99999999999999999999,"cursor":"-"}"#),
        request("host.block", #""params":{"host":"nowhere.test","until":1}"#),
        Array("[{},{}]\n[]\n{}\n\"\"\nnull\n1e999\n".utf8),
      ]
    case .longPolls:
      (0..<20).map {
        request("task.wait", #""params":{"task":"\#(draw(2) == 0 ? "1" : "none")","timeout_ms":60000}"#, id: $0)
      }
    case .subscriptions:
      (0..<20).map { request("events.subscribe", #""params":{"kinds":["fetch"]}"#, id: $0) }
    case .halfLine, .endlessLine, .slowBytes, .storm, .neverReading:
      []
    }
  }

  private func request(_ rest: String) -> [UInt8] { request("task.list", rest) }

  private func request(_ method: String, _ rest: String, id: Int = 1) -> [UInt8] {
    Array(#"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"\#(rest.isEmpty ? "" : ",")\#(rest)}"#.utf8) + [0x0A]
  }
}
