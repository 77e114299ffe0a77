import CLinux
import Glibc

/// A program to start, and how: a plain value.
public struct Command: Sendable, Hashable {
  /// What a standard stream of the child is connected to.
  public enum Stream: Sendable, Hashable {
    /// A pipe to this process.
    case pipe
    /// Nothing: reading finds the end, writing is forgotten.
    case null
    /// The stream of this process.
    case inherit
  }

  /// A path, or a name that is looked for in PATH. A relative path is taken from `directory`.
  public var program: String
  /// The arguments after the program's own name.
  public var arguments: [String]
  /// Variables set on top of this process's environment, or instead of it.
  public var environment: [String: String] = [:]
  public var inheritsEnvironment = true
  /// The working directory; nil: that of this process.
  public var directory: String?
  public var standardInput = Stream.pipe
  public var standardOutput = Stream.pipe
  public var standardError = Stream.inherit
  /// Whether the child leads a process group of its own. Signals then reach all of the group, and when the child has
  /// ended, by itself too, SIGKILL ends what is left of it.
  public var ownsGroup = false
  /// Whether the child's end is the end of `ChildProcess.pipe`, whoever else holds the other ends, as what the child has
  /// started does: what has come by then is still read, and writing throws `EventLoopError.connectionClosed`.
  public var pipeEndsWithProcess = false
  /// Whether SIGKILL ends the child when this process ends in whatever way, or before that the thread of the loop does.
  /// Its own children go on. `program` is then a path.
  public var endsWithParent = false
  /// How long a child that has to end may take after SIGTERM before SIGKILL ends it.
  public var grace = Duration.seconds(5)

  public init(_ program: String, _ arguments: [String] = []) {
    self.program = program
    self.arguments = arguments
  }

  /// Starts the program with the three descriptors as its standard streams (negative: /dev/null). A few hundred
  /// microseconds, during which the thread stands still.
  func start(streams: [Int32]) throws(EventLoopError) -> pid_t {
    let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let texts = [program] + arguments + variables + [directory ?? ""]
    guard !texts.contains(where: { $0.utf8.contains(0) }) else { throw .system(call: "posix_spawn", code: EINVAL) }
    var argumentPointers = CStrings([program] + arguments)
    var environmentPointers = CStrings(variables, after: inheritsEnvironment ? inherited : [])
    defer {
      argumentPointers.free()
      environmentPointers.free()
    }
    let result = program.withCString { program in
      withOptionalCString(directory) { directory in
        argumentPointers.pointers.withUnsafeBufferPointer { arguments in
          environmentPointers.pointers.withUnsafeBufferPointer { environment in
            var command = clinux_command(
              program: program, arguments: arguments.baseAddress!, environment: environment.baseAddress!,
              directory: directory, descriptors: (streams[0], streams[1], streams[2]), own_group: ownsGroup,
              ends_with_parent: endsWithParent)
            return clinux_spawn(&command)
          }
        }
      }
    }
    if result == -ENOENT {
      if let directory, access(directory, X_OK) != 0 { throw .system(call: "chdir to \(directory)", code: errno) }
      throw .programNotFound(program)
    }
    return try EventLoopError.check("posix_spawn", result)
  }

  /// The entries of this process's environment that the command does not replace, byte for byte: they need not be UTF-8.
  private var inherited: [UnsafeMutablePointer<CChar>] {
    var entries: [UnsafeMutablePointer<CChar>] = []
    var next = clinux_environment()
    while let entry = next.pointee {
      let name = UnsafeRawBufferPointer(start: entry, count: strcspn(entry, "="))
      if environment[String(decoding: name, as: UTF8.self)] == nil { entries.append(entry) }
      next += 1
    }
    return entries
  }

  private func withOptionalCString<T>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> T) -> T {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
  }
}

/// A null-terminated array of C strings.
private struct CStrings {
  private(set) var pointers: [UnsafeMutablePointer<CChar>?]

  init(_ texts: [String], after first: [UnsafeMutablePointer<CChar>] = []) {
    pointers = []
    pointers.reserveCapacity(first.count + texts.count + 1)
    for entry in first { pointers.append(strdup(entry)) }
    for text in texts { pointers.append(strdup(text)) }
    pointers.append(nil)
  }

  mutating func free() {
    for pointer in pointers { Glibc.free(pointer) }
    pointers = [nil]
  }
}
