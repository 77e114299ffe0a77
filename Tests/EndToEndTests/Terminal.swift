import Glibc
import Testing

/// A terminal whose screen the test reads when it likes.
final class Terminal: Sendable {
  private let master: CInt
  /// Of the side that programs write to. It is kept open: a terminal that all have closed forgets what it holds.
  let path: String
  private let slave: CInt

  init() throws {
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    try #require(master >= 0)
    var (lock, number): (CInt, CUnsignedInt) = (0, 0)
    // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)).
    let isUnlocked = ioctl(master, 0x4004_5431, &lock) == 0 && ioctl(master, 0x8004_5430, &number) == 0
    try #require(isUnlocked)
    let path = "/dev/pts/\(number)"
    let slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(slave >= 0)
    (self.master, self.slave, self.path) = (master, slave, path)
  }

  deinit {
    close(slave)
    close(master)
  }

  /// What was written to it since, with lines that end with a line feed alone.
  func read() -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(master, &chunk, chunk.count)
      if count <= 0 { return String(decoding: bytes.filter { $0 != 0x0D }, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }
}
