/// Why the fetcher could not start. A fetch itself never throws: its outcome is a value.
package enum FetchError: Error, CustomStringConvertible {
  case library(call: String, code: Int, message: String)
  case outOfMemory(call: String)

  package var description: String {
    switch self {
    case .library(let call, let code, let message): "libcurl refused \(call): \(message) (code \(code))"
    case .outOfMemory(let call): "libcurl had no memory for \(call)"
    }
  }
}
