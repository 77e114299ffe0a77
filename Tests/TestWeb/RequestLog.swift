package import EventLoop

/// What the server saw, in the order of arrival: the judge of every end-to-end test.
package struct RequestLog: Sendable {
  package struct Entry: Sendable, Equatable {
    /// When the head was complete: nanoseconds of the loop's monotonic clock, and microseconds since 1970 UTC.
    package var arrived: Instant
    package var unixMicroseconds: Int64
    /// When the answer was written, nil while it is not.
    package var answered: Instant?
    package var host: String
    package var method: String
    package var target: String
    /// 0 until it is answered, and for an answer that is no HTTP.
    package var status: Int
    package var connection: Int
    /// Empty unless the log keeps them (`TestWeb.keepFields`); names in lower case.
    package var fields: [RequestHead.Field]

    package init(
      arrived: Instant, unixMicroseconds: Int64 = 0, answered: Instant? = nil, host: String, method: String = "GET",
      target: String, status: Int = 0, connection: Int = 0, fields: [RequestHead.Field] = []
    ) {
      self.arrived = arrived
      self.unixMicroseconds = unixMicroseconds
      self.answered = answered
      self.host = host
      self.method = method
      self.target = target
      self.status = status
      self.connection = connection
      self.fields = fields
    }

    /// The value of the first field of this name, which is in lower case.
    package func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The fields that make it conditional, as they came, names in lower case; none unless the log keeps fields.
    package var conditions: [String] {
      fields.filter { $0.name.hasPrefix("if-") }.map { "\($0.name): \($0.value)" }
    }

    package var isRobots: Bool { target == "/robots.txt" }

    /// One line of tab-separated values: microseconds since 1970, monotonic microseconds, host, method, target, status,
    /// connection. Tabs and line ends in what the client sent are shown as `?`.
    package var line: String {
      let safe = { (text: String) in String(text.map { $0 < " " ? "?" : $0 }) }
      return
        "\(unixMicroseconds)\t\(arrived.nanoseconds / 1_000)\t\(safe(host))\t\(safe(method))\t\(safe(target))\t\(status)\t\(connection)"
    }
  }

  package private(set) var entries: [Entry] = []

  package init(_ entries: [Entry] = []) { self.entries = entries }

  package var count: Int { entries.count }

  /// Requests for anything but robots.txt.
  package var pages: some Sequence<Entry> { entries.lazy.filter { !$0.isRobots } }

  mutating func append(_ entry: Entry) -> Int {
    entries.append(entry)
    return entries.count - 1
  }

  mutating func answered(_ index: Int, status: Int, at instant: Instant) {
    entries[index].status = status
    entries[index].answered = instant
  }
}
