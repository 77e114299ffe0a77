import CLinux
import Glibc

/// The pipes of one child process while it is being started.
struct ProcessPipes {
  /// This process's ends, non-blocking; nil where there is no pipe.
  private(set) var input: Int32?
  private(set) var output: Int32?
  private(set) var error: Int32?
  /// What becomes the child's descriptors 0, 1 and 2; negative is /dev/null.
  private(set) var childStreams: [Int32] = [0, 1, 2]
  private var childEnds: [Int32] = []

  init(_ command: Command) throws(EventLoopError) {
    do {
      input = try connect(command.standardInput, to: 0, parentReads: false)
      output = try connect(command.standardOutput, to: 1, parentReads: true)
      error = try connect(command.standardError, to: 2, parentReads: true)
    } catch {
      closeAll()
      throw error
    }
  }

  mutating func closeChildEnds() {
    for descriptor in childEnds { _ = close(descriptor) }
    childEnds = []
  }

  mutating func closeAll() {
    closeChildEnds()
    for descriptor in [input, output, error] {
      if let descriptor { _ = close(descriptor) }
    }
    (input, output, error) = (nil, nil, nil)
  }

  /// Makes the pipe for the child's stream `number`; returns this process's end.
  private mutating func connect(
    _ stream: Command.Stream, to number: Int, parentReads: Bool
  ) throws(EventLoopError) -> Int32? {
    switch stream {
    case .inherit: return nil
    case .null:
      childStreams[number] = -1
      return nil
    case .pipe:
      var ends: [Int32] = [-1, -1]
      try EventLoopError.check("pipe2", clinux_pipe(&ends))
      let parent = parentReads ? ends[0] : ends[1]
      var child = parentReads ? ends[1] : ends[0]
      do {
        if child < 3 {
          // This process runs without a standard stream: the number is about to be replaced in the child.
          let moved = try EventLoopError.check("fcntl", clinux_duplicate_above_standard(child))
          _ = close(child)
          child = moved
        }
        try EventLoopError.check("fcntl", clinux_set_nonblocking(parent))
      } catch {
        _ = close(parent)
        _ = close(child)
        throw error
      }
      childEnds.append(child)
      childStreams[number] = child
      return parent
    }
  }
}
