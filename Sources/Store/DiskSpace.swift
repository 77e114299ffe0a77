internal import Glibc

/// Room on the file system of a file, in bytes.
package struct DiskSpace: Sendable, Equatable {
  /// What may still be written; what the file system reserves for root does not count.
  package var free: Int
  package var total: Int

  package init(free: Int, total: Int) {
    self.free = free
    self.total = total
  }

  /// Looks at the file system that has the file; `nil` when it tells nothing of it. Cost: one system call.
  init?(ofFileSystemWith path: String) {
    var status = statvfs()
    guard statvfs(path, &status) == 0, status.f_blocks > 0 else { return nil }
    func bytes(_ blocks: fsblkcnt_t) -> Int {
      let (product, isTooLarge) = blocks.multipliedReportingOverflow(by: status.f_frsize)
      return isTooLarge ? .max : Int(clamping: product)
    }
    self.init(free: bytes(status.f_bavail), total: bytes(status.f_blocks))
  }
}

/// The file system of the database has less room than the policy leaves free.
package struct DiskShortage: Sendable, Equatable {
  package var free: Int
  /// With so much it is over: an eighth more than where it begins, so that it does not come and go.
  package var enough: Int

  /// - Returns: `nil` when there is enough room, or when nobody knows.
  package init?(_ space: DiskSpace?, after earlier: DiskShortage?, _ policy: StorePolicy) {
    guard let space else { return nil }
    let least = Self.least(of: space, policy)
    enough = least + least / 8
    free = space.free
    guard free < (earlier == nil ? least : enough) else { return nil }
  }

  /// What is to stay free, in bytes.
  static func least(of space: DiskSpace, _ policy: StorePolicy) -> Int {
    max(policy.minFreeBytes, Int((Double(space.total) * Double(policy.minFreePercent) / 100).rounded()))
  }
}
