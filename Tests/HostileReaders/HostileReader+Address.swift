import Address
import Names
import WebURL

extension HostileReader {
  private static let spellings = [
    ".", ":", "::", "1", "255", "256", "0x7f", "010", "%31", "\u{FF11}", "\u{3002}", "[", "]", "/", "8", "ffff", "g",
    "fe80::1%eth0", "::ffff:", "64:ff9b::", "localhost", "LOCALHOST.", "metadata.google.internal", "a", "-", "xn--",
  ]

  private static let addressShapes = [
    Shape("1."), Shape("1"), Shape(":"), Shape("0:"), Shape("f"), Shape("::1/"), Shape("/8"), Shape("a."), Shape("0x"),
    Shape("."), Shape("[", named: "brackets"), Shape("%31"), Shape("\u{FF11}", named: "full-width digits"),
  ]

  /// A host on its own, as `Host` takes it.
  static let host = HostileReader(
    "host",
    Grammar(
      documents: [
        "www.example.org", "0x7f.0.0.1", "[2001:db8::1]", "2001:db8::1", "b\u{FC}cher.example", "017700000001",
      ],
      pieces: spellings),
    shapes: addressShapes,
    read: { bytes in _ = (try? Host(String(decoding: bytes, as: UTF8.self))).map { AddressGuard().verdict($0) } },
    properties: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      guard let host = try? Host(text) else { return }
      try require((try? Host(host.description)) == host, "\(host) is read as another host")
      let judge = AddressGuard()
      _ = judge.verdict(host)
      // What else would end the host in a URL, or is removed there.
      let others = Set("/\\?#@:[]\t\r\n".utf8)
      guard !bytes.contains(where: { others.contains($0) }), !bytes.isEmpty, bytes[0] > 0x20,
        bytes[bytes.count - 1] > 0x20
      else { return }
      guard let url = WebURL("http://\(text)/") else { throw Violation(description: "\(host) is no host in a URL") }
      try require(url.hostName == host.description, "\(host) is \(url.hostName ?? "none") in a URL")
      try require(judge.verdict(url) == judge.verdict(host), "\(host) is judged differently in a URL")
    })

  static let address = HostileReader(
    "address",
    Grammar(
      documents: ["192.0.2.1", "10.0.0.0/8", "2001:db8::8:800:200c:417a", "::ffff:192.0.2.1", "fe80::/10", "::"],
      pieces: spellings),
    shapes: addressShapes,
    read: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      _ = Address(text).map { AddressGuard().verdict($0) }
      _ = try? Network(text)
    },
    properties: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      if let address = Address(text) {
        try require(Address(address.description) == address, "\(address) is read as another address")
        let judge = AddressGuard(allow: [Network(around: address, prefixLength: 128)])
        try require(judge.verdict(address) == .allowed, "\(address) is refused although it is allowed")
        _ = AddressGuard().verdict(address)
      }
      if let network = try? Network(text) {
        try require((try? Network(network.description)) == network, "\(network) is read as another network")
        try require(network.contains(network.address), "\(network) does not hold its own address")
      }
    })

  static let hostsFile = HostileReader(
    "hosts-file",
    Grammar(
      documents: ["127.0.0.1 localhost localhost.localdomain # this\n::1\tip6-localhost\r\n\n10.0.0.1 a A. b\n"],
      pieces: spellings + ["10.0.0.1 a\n", "#", "\t", " ", "\r\n"]),
    shapes: [
      Shape("\n"), Shape(" "), Shape("#"), Shape("10.0.0.1 a\n"), Shape(" a", after: "10.0.0.1"),
      Shape(" A.", after: "10.0.0.1"), Shape("a", after: "10.0.0.1 "), Shape("\u{301}", after: "10.0.0.1 a"),
      Shape("different names") { "10.0.0.1 host\($0)\n" }, Shape("x", named: "one word"),
    ],
    read: { bytes in _ = try? HostsFile(text: String(decoding: bytes, as: UTF8.self), path: "hosts") })
}
