extension TestWeb {
  /// The doors for whoever has no reference to this actor; they are not in the log.
  ///
  ///     /_log      the log as tab-separated values     /_release  lets held requests go on
  ///     /_stats    `RequestLog.Statistics` as JSON      /_reset    forgets the log
  func control(_ head: RequestHead) -> Response? {
    guard head.target.hasPrefix("/_") else { return nil }
    switch head.target {
    case "/_log": return .text(log.entries.map { $0.line + "\n" }.joined())
    case "/_stats": return Response(fields: ["Content-Type: application/json"], body: Array(log.statistics().json.utf8))
    case "/_release":
      release()
      return .text("released\n")
    case "/_reset":
      resetLog()
      return .text("reset\n")
    default: return nil
    }
  }
}
