import Address
import EventLoop

/// What all transfers of a fetcher share. Confined to the loop's thread.
final class FetchContext {
  let loop: EventLoop
  let addressGuard: AddressGuard
  let sockets: SocketTable
  let pool: EasyHandlePool
  var counters = Counters()

  struct Counters {
    var requestsSent = 0
    var wireBytes = 0
  }

  init(loop: EventLoop, addressGuard: AddressGuard, sockets: SocketTable, pool: EasyHandlePool) {
    self.loop = loop
    self.addressGuard = addressGuard
    self.sockets = sockets
    self.pool = pool
  }
}
