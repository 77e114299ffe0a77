/// Why the resolver could not start; the description is a sentence for the user.
package enum ResolverError: Error, Equatable, CustomStringConvertible {
  case unreadableHostsFile(path: String, reason: String)
  case invalidHostsLine(path: String, line: Int, text: String)
  case library(call: String, message: String)
  case unusableServers(String)

  package var description: String {
    switch self {
    case .unreadableHostsFile(let path, let reason):
      "the hosts file \(path) cannot be read: \(reason)"
    case .invalidHostsLine(let path, let line, let text):
      "\(path), line \(line): “\(text)” is not an address followed by names"
    case .library(let call, let message):
      "the resolver can't start (\(call)): \(message)"
    case .unusableServers(let text):
      "“\(text)” is no list of name servers: addresses, each with :port behind it if need be"
    }
  }
}
