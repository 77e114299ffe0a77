/// A well-formed answer of the test web.
package struct Response: Sendable, Equatable {
  package var status: Int
  package var fields: [String]
  package var body: [UInt8]
  /// The server closes the connection after it, and says so.
  package var closes = false

  package init(status: Int = 200, fields: [String] = [], body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  package static func html(_ body: [UInt8], status: Int = 200) -> Response {
    Response(status: status, fields: ["Content-Type: text/html; charset=utf-8"], body: body)
  }

  package static func html(_ text: String, status: Int = 200) -> Response { html(Array(text.utf8), status: status) }

  package static func text(_ text: String, status: Int = 200) -> Response {
    Response(status: status, fields: ["Content-Type: text/plain; charset=utf-8"], body: Array(text.utf8))
  }

  package static func redirect(to location: String, status: Int = 302) -> Response {
    Response(
      status: status, fields: ["Location: \(location)", "Content-Type: text/plain"], body: Array("moved\n".utf8))
  }

  package static let notFound = Response.html("<!doctype html><title>Not found</title><p>No such page.\n", status: 404)

  /// The bytes on the wire; without the body for a HEAD request.
  package func serialised(forHead: Bool = false) -> [UInt8] {
    var head = "HTTP/1.1 \(status) \(Response.phrase(for: status))\r\n"
    for field in fields { head += "\(field)\r\n" }
    if closes { head += "Connection: close\r\n" }
    if status != 204 && status != 304 && status >= 200 { head += "Content-Length: \(body.count)\r\n" }
    head += "\r\n"
    var bytes = Array(head.utf8)
    if !forHead && status != 204 && status != 304 { bytes += body }
    return bytes
  }

  private static func phrase(for status: Int) -> String {
    switch status {
    case 200..<300: "OK"
    case 300..<400: "Elsewhere"
    case 400..<500: "Client Error"
    case 500..<600: "Server Error"
    default: "Unknown"
    }
  }
}
