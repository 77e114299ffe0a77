/// Text in the format of hosts(5).
package struct HostsFile: Sendable {
  package private(set) var text = ""

  package init() {}

  package mutating func add(_ name: String, at address: String) {
    text += "\(address)\t\(name)\n"
  }
}
