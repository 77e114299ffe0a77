import Address
package import ArgumentParser
import WebURL

/// `crawlctl check address`
package struct CheckAddress: ParsableCommand, CheckKind {
  package static let configuration = CommandConfiguration(
    commandName: "address", abstract: "May crawld connect there, when its configuration allows no network?",
    discussion: """
      Any spelling of an address is understood (decimal, octal, hexadecimal, short, full-width, percent-encoded). Names \
      are judged by themselves; nothing is looked up.

      in:  {"id":1,"address":"0x7f.1"} or {"id":1,"url":"http://2130706433/"}
      out: {"id":1,"allowed":false,"rule":"127.0.0.0/8 loopback"}
      """)

  struct Question: Decodable {
    var address: String?
    var url: String?
  }

  struct Answer: Encodable {
    private enum CodingKeys: String, CodingKey {
      case allowed, rule
    }

    var verdict: AddressGuard.Verdict

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      switch verdict {
      case .allowed:
        try container.encode(true, forKey: .allowed)
        try container.encodeNil(forKey: .rule)
      case .refused(let rule):
        try container.encode(false, forKey: .allowed)
        try container.encode(rule, forKey: .rule)
      }
    }
  }

  package init() {}

  package func run() throws {
    var session = CheckSession(Self.self)
    try session.run()
  }

  static func answer(_ question: Question) throws(CheckProblem) -> Answer {
    if let url = question.url { return Answer(verdict: verdict(WebURL(url))) }
    guard let text = question.address else { throw CheckProblem(text: "\"address\" or \"url\" is missing") }
    if let address = Address(text) { return Answer(verdict: AddressGuard().verdict(address)) }
    // A host and nothing else: these begin another part of a URL.
    guard !text.utf8.contains(where: { "/\\?#@".utf8.contains($0) }) else {
      return Answer(verdict: .refused(rule: "not an address"))
    }
    return Answer(verdict: verdict(WebURL("http://\(text)/")))
  }

  private static func verdict(_ url: WebURL?) -> AddressGuard.Verdict {
    guard let url else { return .refused(rule: "not a URL") }
    guard url.isHTTP, let host = url.hostName else { return .refused(rule: "scheme \(url.scheme)") }
    if let address = url.address { return AddressGuard().verdict(address) }
    return AddressGuard().verdict(hostName: host)
  }
}
