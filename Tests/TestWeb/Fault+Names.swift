import Address

/// Every kind of answer that a name server can give (RFC 1035, RFC 2181, RFC 4343).
extension Fault {
  static let names: [Fault] = codes + silences + aliases + addresses + messages

  /// The same message for every question, made from the one in order.
  private static func name(
    _ name: String, is outcomes: String..., limit: Limit = .none,
    _ change: @escaping @Sendable (inout DNSMessage, _ question: NameServer.Question, _ home: Address) -> Void
  ) -> Fault {
    Fault(
      "name-\(name)", is: Set(outcomes), limit: limit,
      at: .name { question, home in
        var message = DNSMessage(answering: question)
        change(&message, question, home)
        return .messages([message])
      })
  }

  /// A message with these addresses, whichever family is asked for.
  private static func name(_ name: String, is outcomes: String..., of addresses: String...) -> Fault {
    let addresses = addresses.map { Address($0)! }
    return Fault(
      "name-\(name)", is: Set(outcomes), limit: .none,
      at: .name { question, _ in .addresses(addresses.filter { $0.isIPv6 == question.isIPv6 }, seconds: 60) })
  }

  private static func code(_ name: String, _ code: UInt8, is outcomes: String...) -> Fault {
    Fault(
      "name-\(name)", is: Set(outcomes), limit: .dns,
      at: .name { question, _ in
        var message = DNSMessage(answering: question)
        message.code = code
        return .messages([message])
      })
  }

  private static let codes: [Fault] = [
    code("not-found", 3, is: "dns_not_found"),
    code("without-records", 0, is: "dns_not_found"),
    code("server-failure", 2, is: "dns_failed"),
    code("refused", 5, is: "dns_failed"),
    code("not-implemented", 4, is: "dns_failed"),
    code("format-error", 1, is: "dns_failed"),
    code("code-15", 15, is: "dns_failed", "dns_not_found"),
    Fault(
      "name-fails-once", is: ["ok"],
      at: .name { question, home in question.number == 1 ? .serverFailure : order(question, home) }),
    Fault(
      "name-found-later", is: ["dns_not_found"],
      at: .name { question, home in question.number == 1 ? .noSuchName : order(question, home) }),
  ]

  private static func order(_ question: NameServer.Question, _ home: Address) -> NameServer.Reply {
    question.isIPv6 ? .nothing : .addresses([home], seconds: 60)
  }

  private static let silences: [Fault] = [
    Fault("name-silence", is: ["dns_timeout"], limit: .dns, at: .name { _, _ in .silence }),
    Fault("name-garbage", is: ["dns_timeout"], limit: .dns, at: .name { _, _ in .garbage }),
    Fault("name-empty-message", is: ["dns_timeout"], limit: .dns, at: .name { _, _ in .bytes([]) }),
    name("wrong-id", is: "dns_timeout", limit: .dns) { message, _, home in
      message.id[0] ^= 0xFF
      message.add([home])
    },
    name("wrong-question", is: "dns_timeout", "dns_failed", limit: .dns) { message, _, home in
      message.question = DNSMessage.encoded("other.test") + [0, 1, 0, 1]
      message.add([home])
    },
    name("no-question", is: "dns_timeout", "dns_failed", limit: .dns) { message, _, home in
      message.question = []
      message.add([home])
    },
    name("question-instead", is: "dns_timeout", "dns_failed", "dns_not_found", limit: .dns) { message, _, _ in
      message.flags = 0x0100
    },
    // An answer with another id before the right one.
    Fault(
      "name-forged-first", is: ["ok"],
      at: .name { question, home in
        guard !question.isIPv6 else { return .nothing }
        var forged = DNSMessage(answering: question)
        forged.id[1] ^= 0xFF
        forged.add([Address("10.0.0.1")!])
        var right = DNSMessage(answering: question)
        right.add([home])
        return .messages([forged, right])
      }),
  ]

  private static let aliases: [Fault] = [
    Fault(
      "name-alias", is: ["ok"],
      at: .name { question, home in
        question.isIPv6 ? .nothing : .alias(of: "elsewhere.test", [home], seconds: 30)
      }),
    name("alias-chain", is: "ok") { message, question, home in
      guard !question.isIPv6 else { return }
      message.addAlias(of: "a0.test")
      for number in 0..<8 { message.addAlias(of: "a\(number + 1).test", owner: DNSMessage.encoded("a\(number).test")) }
      message.add([home], owner: DNSMessage.encoded("a8.test"))
    },
    name("alias-of-itself", is: "dns_failed", "dns_not_found", limit: .dns) { message, question, _ in
      message.addAlias(of: question.name)
    },
    name("alias-loop", is: "dns_failed", "dns_not_found", limit: .dns) { message, question, _ in
      message.addAlias(of: "loop.test")
      message.addAlias(of: question.name, owner: DNSMessage.encoded("loop.test"))
    },
    name("alias-of-nothing", is: "dns_not_found", "dns_failed", limit: .dns) { message, _, _ in
      message.addAlias(of: "no-such-name.test")
    },
    name("alias-of-private", is: "address_refused") { message, question, _ in
      guard !question.isIPv6 else { return }
      message.addAlias(of: "inside.test")
      message.add([Address("192.168.1.1")!], owner: DNSMessage.encoded("inside.test"))
    },
  ]

  private static let addresses: [Fault] = [
    name("private", is: "address_refused", of: "10.0.0.1"),
    name("metadata", is: "address_refused", of: "169.254.169.254"),
    name("unspecified", is: "address_refused", of: "0.0.0.0"),
    name("broadcast", is: "address_refused", of: "255.255.255.255"),
    name("multicast", is: "address_refused", of: "224.0.0.1"),
    name("shared", is: "address_refused", of: "100.64.0.1"),
    name("six-only", is: "dns_not_found", "address_refused", of: "fd00::1"),
    name("mapped", is: "dns_not_found", "address_refused", of: "::ffff:10.0.0.1"),
    name("many-private", is: "address_refused", of: "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.1.1"),
    // One of the answers may be connected to, and is.
    name("private-and-public", is: "ok") { message, question, home in
      if !question.isIPv6 { message.add([Address("10.0.0.1")!, home, Address("192.168.0.1")!]) }
    },
    name("closed-port-first", is: "ok") { message, question, home in
      if !question.isIPv6 { message.add([Address("127.0.9.252")!, home]) }
    },
    name("closed-ports", is: "connect_refused") { message, question, _ in
      if !question.isIPv6 { message.add((1...20).map { Address("127.0.250.\($0)")! }) }
    },
    name("200-addresses", is: "ok") { message, question, home in
      if question.isIPv6 { return }
      if question.isStream { message.add([Address](repeating: home, count: 200)) } else { message.isTruncated = true }
    },
    // The first connection breaks, and the name means another address then.
    Fault(
      "name-rebinds", is: ["address_refused"], page: "/fault/empty-reply",
      at: .name { question, home in
        if question.isIPv6 { return .nothing }
        return .addresses([question.number == 1 ? home : Address("10.0.0.1")!], seconds: 0)
      }),
    Fault(
      "name-without-time-to-live", is: ["ok"],
      at: .name { question, home in question.isIPv6 ? .nothing : .addresses([home], seconds: 0) }),
    Fault(
      "name-for-ever", is: ["ok"],
      at: .name { question, home in question.isIPv6 ? .nothing : .addresses([home], seconds: .max) }),
  ]

  private static let messages: [Fault] = [
    name("truncated", is: "ok") { message, question, home in
      if question.isIPv6 { return }
      if question.isStream { message.add([home]) } else { message.isTruncated = true }
    },
    Fault(
      "name-truncated-and-silent", is: ["dns_timeout", "dns_failed"], limit: .dns,
      at: .name { question, _ in
        var message = DNSMessage(answering: question)
        message.isTruncated = true
        return question.isStream ? .silence : .messages([message])
      }),
    name("truncated-for-ever", is: "dns_timeout", "dns_failed", "dns_not_found", limit: .dns) { message, _, _ in
      message.isTruncated = true
    },
    name("fewer-records-than-said", is: "dns_failed", "dns_timeout", limit: .dns) { message, question, home in
      if !question.isIPv6 { message.add([home]) }
      message.claimedRecords = 60_000
    },
    name("record-of-wrong-length", is: "dns_failed", "dns_not_found", limit: .dns) { message, _, _ in
      message.add(type: 1, data: [127, 0, 0])
    },
    name("record-longer-than-message", is: "dns_failed", limit: .dns) { message, _, _ in
      message.add(type: 1, data: [127, 0, 0, 1], length: 60_000)
    },
    name("pointer-to-itself", is: "dns_failed", limit: .dns) { message, question, _ in
      let here = UInt8(12 + message.question.count)
      message.add(type: 1, data: [127, 0, 0, 1], owner: [0xC0, here])
    },
    name("pointer-beyond", is: "dns_failed", limit: .dns) { message, _, _ in
      message.add(type: 1, data: [127, 0, 0, 1], owner: [0xFF, 0xFF])
    },
    name("of-another-name", is: "ok", "dns_not_found", "dns_failed") { message, question, home in
      if !question.isIPv6 { message.add([home], owner: DNSMessage.encoded("other.test")) }
    },
    name("text-records", is: "dns_not_found", "dns_failed", limit: .dns) { message, _, _ in
      message.add(type: 16, data: [4] + Array("text".utf8))
    },
    name("bytes-after", is: "ok", "dns_failed") { message, question, home in
      if !question.isIPv6 { message.add([home]) }
      message.after = [UInt8](repeating: 0xAA, count: 400)
    },
    name("in-capitals", is: "ok", "dns_timeout") { message, question, home in
      message.question = message.question.map { (97...122).contains($0) ? $0 - 32 : $0 }
      if !question.isIPv6 { message.add([home]) }
    },
    Fault("name-\(String(repeating: "l", count: 58))", is: ["ok"], at: .name { order($0, $1) }),
    Fault("name-\(String(repeating: "l", count: 59))", is: ["dns_not_found"], at: .name { order($0, $1) }),
  ]
}
