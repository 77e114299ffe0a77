import Address
import EventLoop

/// Where no connection came about lately, of names that have more than one address: the others are tried first.
/// Confined to the loop's thread.
final class DeadAddresses {
  private struct Place: Hashable {
    var address: Address
    var port: Int
  }

  /// When it was last tried in vain.
  private var failedAt: [Place: Instant] = [:]

  /// For so long the others come first.
  static let memory: Duration = .seconds(600)
  /// More are not kept.
  static let most = 4_096

  var isEmpty: Bool { failedAt.isEmpty }

  func contains(_ address: Address, port: Int, now: Instant) -> Bool {
    guard let failed = failedAt[Place(address: address, port: port)] else { return false }
    return now - failed < Self.memory
  }

  func insert(_ address: Address, port: Int, now: Instant) {
    if failedAt.count >= Self.most {
      failedAt = failedAt.filter { now - $0.value < Self.memory }
      if failedAt.count >= Self.most { failedAt = [:] }
    }
    failedAt[Place(address: address, port: port)] = now
  }

  /// A connection was made.
  func remove(_ address: Address, port: Int) {
    failedAt[Place(address: address, port: port)] = nil
  }

  /// In the order in which they are to be tried: as they come, but behind the others those that are dead, the one first that
  /// was not tried for longest.
  func ordered(_ addresses: [Address], port: Int, now: Instant) -> [Address] {
    var (ordered, dead): ([Address], [(address: Address, failed: Instant)]) = ([], [])
    for address in addresses {
      if let failed = failedAt[Place(address: address, port: port)], now - failed < Self.memory {
        let place = dead.firstIndex { $0.failed > failed } ?? dead.count
        dead.insert((address, failed), at: place)
      } else {
        ordered.append(address)
      }
    }
    return ordered + dead.map(\.address)
  }
}
