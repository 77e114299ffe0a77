extension Fault {
  /// What the server sends for the `visit`-th request of this fault's target (from 1); `argument` is the number in its
  /// path. A script that ends without `.close` or `.reset` leaves the connection open for the next request.
  package func script(argument: Int?, visit: Int) -> [WireStep] {
    switch self {
    case .slowFirstByte, .slowBody, .emptyReply, .resetBeforeAnswer, .resetMidBody, .closesSilently:
      connectionScript
    case .truncated, .truncatedChunk, .missingLastChunk, .badChunk, .hugeChunkSize, .longerThanDeclared, .twoLengths,
      .negativeLength, .lengthAndChunked, .noLength, .extraBytesAfter:
      framingScript
    case .garbage, .oldProtocol, .badStatus, .statusLineOnly, .nulInHeader, .foldedHeader, .hugeHeaders,
      .endlessHeaders,
      .earlyHints, .endlessContinue:
      headScript
    case .endlessBody, .gzipBomb, .notGzip, .emptyPage, .noContent, .notModified, .binary, .deepNesting, .manyLinks,
      .longLink, .terminalEscapes:
      bodyScript
    case .rateLimited, .unavailable, .serverError, .gone, .forbidden:
      statusScript(argument: argument, visit: visit)
    case .redirectWithoutLocation, .redirectToItself, .redirectToScript, .redirectToFile, .redirectToMetadata,
      .redirectToNonsense:
      redirectScript
    }
  }

  /// A page that a crawler can be content with, named after the fault.
  private var page: String { "<!doctype html><title>\(rawValue)</title><p>After the fault.</p>\n" }

  private static let pageHead = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
  private static let thousand = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000)

  private func send(_ text: String) -> WireStep { .send(Array(text.utf8)) }

  private var connectionScript: [WireStep] {
    switch self {
    case .slowFirstByte: [.hold, .send(Response.html(page).serialised())]
    case .slowBody:
      [send(Fault.pageHead + "Content-Length: 2000\r\n\r\n"), .send(Fault.thousand), .hold, .send(Fault.thousand)]
    case .resetBeforeAnswer: [.reset]
    case .resetMidBody: [send(Fault.pageHead + "Content-Length: 10000\r\n\r\n"), .send(Fault.thousand), .reset]
    case .closesSilently: [.send(Response.html(page).serialised()), .close]
    default: [.close]  // emptyReply
    }
  }

  private var framingScript: [WireStep] {
    let chunked = Fault.pageHead + "Transfer-Encoding: chunked\r\n\r\n"
    switch self {
    case .truncated: return [send(Fault.pageHead + "Content-Length: 10000\r\n\r\n"), .send(Fault.thousand), .close]
    case .truncatedChunk: return [send(chunked + "3e8\r\n0123456789"), .close]
    case .missingLastChunk: return [send(chunked + "a\r\n0123456789\r\n"), .close]
    case .badChunk: return [send(chunked + "zz\r\n0123456789\r\n0\r\n\r\n"), .close]
    case .hugeChunkSize: return [send(chunked + "ffffffffffffffffff\r\n0123456789"), .close]
    case .longerThanDeclared:
      return [send(Fault.pageHead + "Content-Length: 10\r\n\r\n"), .send(Fault.thousand), .close]
    case .twoLengths:
      return [send(Fault.pageHead + "Content-Length: 10\r\nContent-Length: 500\r\n\r\n0123456789"), .close]
    case .negativeLength: return [send(Fault.pageHead + "Content-Length: -5\r\n\r\n0123456789"), .close]
    case .lengthAndChunked:
      return [
        send(Fault.pageHead + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"),
        .close,
      ]
    case .noLength: return [send(Fault.pageHead + "Connection: close\r\n\r\n" + page), .close]
    case .extraBytesAfter: return [.send(Response.html(page).serialised()), send("and what nobody asked for"), .close]
    default: return []
    }
  }

  private var headScript: [WireStep] {
    let filler = String(repeating: "y", count: 1_000)
    switch self {
    case .garbage: return [.send((0..<512).map { UInt8(truncatingIfNeeded: SeededNumbers(seed: 7).draw($0)) }), .close]
    case .oldProtocol: return [send(page), .close]
    case .badStatus: return [send("HTTP/1.1 99999 Surprise\r\nContent-Length: 0\r\n\r\n"), .close]
    case .statusLineOnly: return [send("HTTP/1.1 200\r\n\r\n"), .close]
    case .nulInHeader: return [send("HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\nContent-Length: 0\r\n\r\n"), .close]
    case .foldedHeader:
      return [
        send(
          "HTTP/1.1 200 OK\r\nContent-Type: text/html;\r\n charset=utf-8\r\nContent-Length: \(page.utf8.count)\r\n\r\n\(page)"
        )
      ]
    case .hugeHeaders:
      let fields = (0..<400).map { "X-Filler-\($0): \(filler)\r\n" }.joined()
      return [send(Fault.pageHead + fields + "Content-Length: 0\r\n\r\n"), .close]
    case .endlessHeaders: return [send(Fault.pageHead), .sendForever(Array("X-Filler: \(filler)\r\n".utf8))]
    case .earlyHints:
      return [
        send("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"),
        .send(Response.html(page).serialised()),
      ]
    default: return [.sendForever(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))]  // endlessContinue
    }
  }

  private var bodyScript: [WireStep] {
    switch self {
    case .endlessBody: return [send(Fault.pageHead + "Connection: close\r\n\r\n"), .sendForever(Fault.thousand)]
    case .gzipBomb:
      let fields = ["Content-Type: text/html", "Content-Encoding: gzip"]
      return [.send(Response(fields: fields, body: Gzip.zeros(mebibytes: 64)).serialised())]
    case .notGzip:
      let fields = ["Content-Type: text/html", "Content-Encoding: gzip"]
      return [.send(Response(fields: fields, body: Array(page.utf8)).serialised())]
    case .emptyPage: return [.send(Response.html("").serialised())]
    case .noContent: return [.send(Response(status: 204).serialised())]
    case .notModified: return [.send(Response(status: 304).serialised())]
    case .binary:
      let body = (0..<2_000).map { UInt8(truncatingIfNeeded: SeededNumbers(seed: 9).draw($0)) }
      return [.send(Response(fields: ["Content-Type: application/octet-stream"], body: body).serialised())]
    case .deepNesting: return [.send(Response.html(String(repeating: "<div>", count: 100_000) + page).serialised())]
    case .manyLinks:
      let links = (0..<20_000).map { "<a href=\"/many/\($0)\">\($0)</a>\n" }.joined()
      return [.send(Response.html("<!doctype html><title>many</title>" + links).serialised())]
    case .longLink:
      let link = "/" + String(repeating: "long", count: 250_000)
      return [.send(Response.html("<!doctype html><title>long</title><a href=\"\(link)\">long</a>").serialised())]
    default:  // terminalEscapes
      let title = "\u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}31m\u{202E}gpj.exe\u{7F}"
      return [.send(Response.html("<!doctype html><title>\(title)</title>").serialised())]
    }
  }

  private func statusScript(argument: Int?, visit: Int) -> [WireStep] {
    switch self {
    case .rateLimited where visit == 1:
      return [.send(Response(status: 429, fields: ["Retry-After: \(argument ?? 1)"]).serialised())]
    case .unavailable where visit <= argument ?? 1:
      return [.send(Response.text("later", status: 503).serialised())]
    case .serverError: return [.send(Response.text("broken", status: 500).serialised())]
    case .gone: return [.send(Response.text("gone", status: 410).serialised())]
    case .forbidden: return [.send(Response.text("forbidden", status: 403).serialised())]
    default: return [.send(Response.html(page).serialised())]
    }
  }

  private var redirectScript: [WireStep] {
    switch self {
    case .redirectToItself: return [.send(Response.redirect(to: target).serialised())]
    case .redirectToScript: return [.send(Response.redirect(to: "javascript:alert(1)").serialised())]
    case .redirectToFile: return [.send(Response.redirect(to: "file:///etc/passwd").serialised())]
    case .redirectToMetadata: return [.send(Response.redirect(to: "http://169.254.169.254/latest/").serialised())]
    case .redirectToNonsense: return [.send(Response.redirect(to: "http://[::nonsense/").serialised())]
    default: return [.send(Response(status: 302).serialised())]  // redirectWithoutLocation
    }
  }
}
