import Glibc
import TestWeb

/// What a process takes of the machine, as Linux counts it (proc(5)).
struct Footprint: Sendable {
  /// Resident memory: now, and the most that it ever was.
  var bytes = 0
  var highestBytes = 0
  var threads = 0
  var descriptors = 0

  init(of process: Int32) {
    for line in (TextFile.read("/proc/\(process)/status") ?? "").split(separator: "\n") {
      let words = line.split { $0 == ":" || $0 == "\t" || $0 == " " }
      guard words.count > 1, let number = Int(words[1]) else { continue }
      switch words[0] {
      case "VmRSS": bytes = number << 10
      case "VmHWM": highestBytes = number << 10
      case "Threads": threads = number
      default: break
      }
    }
    guard let directory = opendir("/proc/\(process)/fd") else { return }
    defer { closedir(directory) }
    while readdir(directory) != nil { descriptors += 1 }
    descriptors -= 2  // . and ..
  }
}
