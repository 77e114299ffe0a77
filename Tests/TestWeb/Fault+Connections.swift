/// Silence, trickles and broken connections.
extension Fault {
  package static let slowFirstByte = Fault(
    "slow-first-byte", is: ["first_byte_timeout"], limit: .firstByte, [.hold, wholePage])
  package static let slowBody = Fault(
    "slow-body", is: ["too_slow"], limit: .lowSpeed,
    [.send(head(length: 2_000)), .send(thousand), .hold, .send(thousand)])

  static let connections: [Fault] = [slowFirstByte, slowBody] + stalls + trickles + closes + resets + unasked

  /// A second of silence after each part of an answer.
  private static let stalls: [Fault] = [
    Fault("stall-in-status-line", is: ["first_byte_timeout"], limit: .firstByte, [.send("HTTP/1.1 2"), .hold]),
    Fault("stall-in-header", is: ["first_byte_timeout"], limit: .firstByte, [.send(pageHead + "X-Half: "), .hold]),
    Fault("stall-before-blank-line", is: ["first_byte_timeout"], limit: .firstByte, [.send(pageHead), .hold]),
    Fault("stall-after-head", is: ["too_slow"], limit: .lowSpeed, [.send(head(length: 10)), .hold]),
    Fault("stall-in-chunk-size", is: ["too_slow"], limit: .lowSpeed, [.send(chunkedHead + "a"), .hold]),
    Fault("stall-in-chunk", is: ["too_slow"], limit: .lowSpeed, [.send(chunkedHead + "a\r\n01234"), .hold]),
    Fault("stall-before-last-chunk", is: ["too_slow"], limit: .lowSpeed, [.send(chunkedHead + "3\r\n012\r\n"), .hold]),
    Fault("stall-in-trailer", is: ["too_slow"], limit: .lowSpeed, [.send(chunkedHead + "0\r\nX-Half: "), .hold]),
    Fault("stall-without-length", is: ["too_slow"], limit: .lowSpeed, [.send(pageHead + "\r\n" + page), .hold]),
  ]

  private static let trickles: [Fault] = [
    Fault(
      "trickle-status-line", is: ["first_byte_timeout"], limit: .firstByte,
      [.trickle(Array("HTTP/1.1 200 OK and much more to say\r\n".utf8), every: .milliseconds(100)), .hold]),
    Fault(
      "trickle-headers", is: ["first_byte_timeout"], limit: .firstByte,
      [.send(pageHead), .trickleForever(Array("X-More: and more\r\n".utf8), every: .milliseconds(50))]),
    Fault(
      "trickle-interim", is: ["first_byte_timeout"], limit: .firstByte,
      [.trickleForever(Array("HTTP/1.1 102 Processing\r\n\r\n".utf8), every: .milliseconds(50))]),
    Fault(
      "trickle-body", is: ["too_slow"], limit: .lowSpeed,
      [.send(head(length: 100_000)), .trickleForever([0x78], every: .milliseconds(50))]),
    Fault(
      "trickle-chunks", is: ["too_slow"], limit: .lowSpeed,
      [.send(chunkedHead), .trickleForever(Array("1\r\nx\r\n".utf8), every: .milliseconds(50))]),
    Fault(
      "trickle-chunk-size", is: ["too_slow", "protocol_error"], limit: .lowSpeed,
      [.send(chunkedHead), .trickleForever([0x30], every: .milliseconds(50))]),
    // Ten times the speed that is too slow, and no end.
    Fault(
      "drip-above-low-speed", is: ["body_timeout"], limit: .total,
      [.send(pageHead + "\r\n"), .trickleForever(Array(thousand.prefix(100)), every: .milliseconds(100))]),
  ]

  /// The connection ends in order after each part of an answer. What was cut within its header section is no answer.
  private static let closes: [Fault] = [
    Fault("empty-reply", is: ["reset"], [.close]),
    Fault("closes-silently", is: ["ok"], [wholePage, .close]),
    Fault("close-in-status-line", is: ["reset"], [.send("HTTP/1.1 20"), .close]),
    Fault("close-after-status-line", is: ["reset"], [.send("HTTP/1.1 200 OK\r\n"), .close]),
    Fault("close-in-header", is: ["reset"], [.send(pageHead + "X-Half: "), .close]),
    Fault("close-before-blank-line", is: ["reset"], [.send(pageHead), .close]),
    Fault("close-in-redirect", is: ["reset"], [.send("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n"), .close]),
    Fault("close-after-head", is: ["truncated"], [.send(head(length: 10)), .close]),
    Fault("close-after-chunked-head", is: ["truncated"], [.send(chunkedHead), .close]),
    Fault("close-in-chunk-size", is: ["truncated"], [.send(chunkedHead + "1"), .close]),
    Fault("close-after-chunk-size", is: ["truncated"], [.send(chunkedHead + "a\r\n"), .close]),
    Fault("close-in-last-chunk", is: ["truncated"], [.send(chunkedHead + "3\r\n012\r\n0\r\n"), .close]),
    Fault("close-in-trailer", is: ["truncated"], [.send(chunkedHead + "3\r\n012\r\n0\r\nX-Half: "), .close]),
    // Any argument cuts the answer after so many bytes.
    Fault(
      "close-after", is: ["reset", "truncated", "ok"],
      at: .answer { argument, _ in [.send(Array(Response.html(page).serialised().prefix(argument ?? 0))), .close] }),
  ]

  private static let resets: [Fault] = [
    Fault("reset-before-answer", is: ["reset"], [.reset]),
    Fault("reset-in-status-line", is: ["reset"], [.send("HTTP/1.1 20"), .reset]),
    Fault("reset-after-status-line", is: ["reset"], [.send("HTTP/1.1 200 OK\r\n"), .reset]),
    Fault("reset-in-header", is: ["reset"], [.send(pageHead + "X-Half: "), .reset]),
    Fault("reset-after-head", is: ["reset"], [.send(head(length: 10)), .reset]),
    Fault("reset-mid-body", is: ["reset"], [.send(head(length: 10_000)), .send(thousand), .reset]),
    Fault("reset-in-chunk-size", is: ["reset"], [.send(chunkedHead + "1"), .reset]),
    Fault("reset-in-chunk", is: ["reset"], [.send(chunkedHead + "a\r\n0123"), .reset]),
    Fault("reset-before-last-chunk", is: ["reset"], [.send(chunkedHead + "a\r\n0123456789\r\n"), .reset]),
    Fault("reset-without-length", is: ["reset"], [.send(pageHead + "\r\n" + page), .reset]),
    // The whole answer was on the way before: whoever reads it first has it.
    Fault("reset-after-answer", is: ["ok", "reset"], [wholePage, .reset]),
    Fault(
      "reset-after", is: ["reset", "ok"],
      at: .answer { argument, _ in [.send(Array(Response.html(page).serialised().prefix(argument ?? 0))), .reset] }),
    Fault("reset-once", is: ["ok"], at: .answer { _, visit in visit == 1 ? [.reset] : [wholePage] }),
  ]

  /// What comes at the first byte of a client, and clients that nobody listens to.
  private static let unasked: [Fault] = [
    Fault("http-closes-at-once", is: ["reset"], at: .bytes(scheme: "http", [.close])),
    Fault("http-resets-at-once", is: ["reset"], at: .bytes(scheme: "http", [.reset])),
    Fault(
      "ssh-banner", is: ["protocol_error"], at: .bytes(scheme: "http", [.send("SSH-2.0-OpenSSH_9.2\r\n"), .close])),
    Fault(
      "mail-banner", is: ["protocol_error"],
      at: .bytes(scheme: "http", [.send("220 mail.test ESMTP\r\n502 5.5.2 what\r\n"), .close])),
    Fault(
      "tls-alert-on-http-port", is: ["protocol_error"],
      at: .bytes(scheme: "http", [.send([0x15, 0x03, 0x01, 0, 2, 2, 70]), .close])),
    Fault("nobody-listens", is: ["connect_refused"], at: .nobody(isListening: false)),
    Fault("nobody-accepts", is: ["connect_timeout"], limit: .connect, at: .nobody(isListening: true)),
  ]

  /// The length of the answer that `close-after` and `reset-after` cut.
  package static let lengthOfWholePage = Response.html(page).serialised().count
  /// Of its body alone.
  package static let lengthOfPage = page.utf8.count
}
