/// Easy handles that wait for their next transfer, with the options that all transfers have: making another one costs
/// allocations and some microseconds. Confined to the loop's thread.
final class EasyHandlePool {
  private let table: SocketTable
  private let configuration: FetchConfiguration
  private var idle: [EasyHandle] = []
  /// A handle takes about 6 KB.
  private static let maximumIdle = 1_024

  /// Makes the first handle, to find out at once whether this libcurl can do what is needed.
  init(table: SocketTable, configuration: FetchConfiguration) throws(FetchError) {
    self.table = table
    self.configuration = configuration
    idle.append(try EasyHandle(table: table, configuration: configuration))
  }

  func take() throws(FetchError) -> EasyHandle {
    if let handle = idle.popLast() { return handle }
    return try EasyHandle(table: table, configuration: configuration)
  }

  func put(_ handle: EasyHandle) {
    if handle.clear(), idle.count < EasyHandlePool.maximumIdle {
      idle.append(handle)
    } else {
      // It may outlive them for a moment.
      handle.detachTLSSessions()
    }
  }

  /// Frees the idle handles.
  func drain() {
    for handle in idle { handle.detachTLSSessions() }
    idle = []
  }
}
