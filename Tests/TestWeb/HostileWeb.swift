import Address
import EventLoop
import Glibc

/// The web that has every fault, each on a host, a name and an address of its own: the test web for those of HTTP/1.1, a
/// name server that knows all their names, nginx for TLS.
///
/// Host k is at 127.0.(16 + k / 250).(1 + k % 250), on the port of the test web's site.
package struct HostileWeb: Sendable {
  package let web: TestWeb
  package let names: NameServer
  package let certificates: Certificates
  package let port: UInt16
  private let deaf: [DeafServer]

  /// Runs it while `body` runs; files go into `directory`.
  ///
  /// - Throws: what `body` throws, and what prevents a server from starting.
  package static func run<T: Sendable>(
    beside web: TestWeb, in directory: String, _ body: @escaping @Sendable (HostileWeb) async throws -> T
  ) async throws -> T {
    let loop = web.loop
    let port = await web.site.port
    let certificates = try await Certificates.make(in: directory, on: loop)
    let names = try await NameServer.listening(on: loop) { answer($0) }
    var doors: [TLSServer.Door] = []
    var deaf: [DeafServer] = []
    for (index, fault) in Fault.all.enumerated() {
      let home = address(ofHost: index)
      let door = "\(text(home)):\(port)"
      switch fault.place {
      case .answer, .robots, .name: try await web.serve(at: home)
      case .bytes(_, let steps): try await web.serve(at: home, BytesService(steps: steps))
      case .tls(let manner):
        doors.append(TLSServer.Door(address: door, manner: manner, server: "\(text(0x7F00_0901)):\(port)"))
      case .frames(let steps):
        let behind = home + 0x1_0000
        try await web.serve(at: behind, HTTP2Service(steps: steps))
        let manner = TLSServer.Manner(applicationProtocol: "h2")
        doors.append(TLSServer.Door(address: door, manner: manner, server: "\(text(behind)):\(port)"))
      case .nobody(let isListening):
        if isListening { deaf.append(DeafServer(address: home, port: port)) }
      }
    }
    let hostile = HostileWeb(web: web, names: names, certificates: certificates, port: port, deaf: deaf)
    let result = try await TLSServer(certificates: certificates, doors: doors).run(on: loop) { try await body(hostile) }
    await names.close()
    return result
  }

  /// What a crawler is to be sent to.
  package func url(_ fault: Fault) -> String {
    switch fault.place {
    case .answer: url("http", fault, fault.target)
    case .robots, .name, .nobody: url("http", fault, fault.page)
    case .bytes(let scheme, _): url(scheme, fault, fault.page)
    case .tls(let manner): url("https", fault, manner.target)
    case .frames: url("https", fault, fault.page)
    }
  }

  private func url(_ scheme: String, _ fault: Fault, _ target: String) -> String {
    "\(scheme)://\(fault.host):\(port)\(target)"
  }

  private static func address(ofHost index: Int) -> UInt32 {
    0x7F00_1000 + UInt32(index / 250) << 8 + UInt32(1 + index % 250)
  }

  private static func text(_ address: UInt32) -> String { Address.v4(address).description }

  private static let homes = Dictionary(
    uniqueKeysWithValues: Fault.all.enumerated().map {
      ($1.host, (fault: $1, address: Address.v4(address(ofHost: $0))))
    })

  /// What the name server says: of every fault's host where it is, of all other names that they don't exist.
  private static func answer(_ question: NameServer.Question) -> NameServer.Reply {
    guard let home = homes[question.name] else { return .noSuchName }
    if case .name(let reply) = home.fault.place { return reply(question, home.address) }
    return question.isIPv6 ? .nothing : .addresses([home.address], seconds: 60)
  }
}
