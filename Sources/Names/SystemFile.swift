// The compiler counts the fields of timespec to whichever module it met them in first.
import CAres
import EventLoop
import Glibc

/// The file in which the system names its servers, and what it was like when it was read.
struct SystemFile {
  let path: String
  private var read: Version?
  private var nextLook: Instant

  /// From a look at the file to the next, unless there is a reason.
  private static let pause: Duration = .seconds(1)

  init(path: String, now: Instant) {
    self.path = path
    read = Version(path: path)
    nextLook = now + SystemFile.pause
  }

  /// The file's version when it is another one than was read, and is to be read again, as glibc does: now that there is a
  /// reason, or nobody has looked for a second. nil also while it is not there: what was read holds.
  mutating func change(now: Instant, hasReason: Bool) -> Version? {
    guard hasReason || now >= nextLook else { return nil }
    nextLook = now + SystemFile.pause
    guard let version = Version(path: path), version != read else { return nil }
    return version
  }

  /// It was read. The version is that from before: if the file changed meanwhile, it is read once more.
  mutating func noteRead(_ version: Version) { read = version }

  struct Version: Equatable {
    private let device: dev_t
    private let inode: ino_t
    private let size: off_t
    private let seconds: time_t
    private let nanoseconds: Int

    fileprivate init?(path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = status.st_dev
      inode = status.st_ino
      size = status.st_size
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    }
  }
}
