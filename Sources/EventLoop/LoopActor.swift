/// An actor that lives on an event loop's thread. A call between two of them costs no thread switch.
///
/// Declare `nonisolated let loop: EventLoop` in it. In a callback of the loop, `assumeIsolated` enters it at once.
public protocol LoopActor: Actor {
  nonisolated var loop: EventLoop { get }
}

extension LoopActor {
  public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
}
