import Glibc
import TestWeb

/// What a process takes of the machine, as Linux counts it (proc(5)).
struct Footprint: Sendable {
  /// Resident memory: now, and the most that it ever was.
  var bytes = 0
  var highestBytes = 0
  var threads = 0
  var descriptors = 0
  /// Seconds of CPU, user's and system's, in whole ticks of a hundredth.
  var processorTime = 0.0
  /// The same of its children that have ended.
  var childrensTime = 0.0

  /// From now on `highestBytes` is the most since now.
  static func forgetHighest(of process: Int32) throws {
    try TextFile.write("5", to: "/proc/\(process)/clear_refs")
  }

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
    if let text = TextFile.read("/proc/\(process)/stat"), let name = text.lastIndex(of: ")") {
      // From the 14th field on, two each; the name is the second.
      let ticks = text[name...].split(separator: " ").dropFirst(12).prefix(4).compactMap { Double($0) }
      let perSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
      processorTime = ticks.prefix(2).reduce(0, +) / perSecond
      childrensTime = ticks.dropFirst(2).reduce(0, +) / perSecond
    }
    guard let directory = opendir("/proc/\(process)/fd") else { return }
    defer { closedir(directory) }
    while readdir(directory) != nil { descriptors += 1 }
    descriptors -= 2  // . and ..
  }
}
