/// The store's callbacks. Set and called on the loop thread only, like the store itself; that is why they may be
/// reached from the queue's actor although closures of the owner's isolation are in them.
final class StoreHooks: @unchecked Sendable {
  var onCommit: ((Int64) -> Void)?
  var onFailureChange: (() -> Void)?
  var onShortageChange: (() -> Void)?
  var onLongReaderChange: (() -> Void)?
  var onCheckpoint: (() -> Void)?
}
