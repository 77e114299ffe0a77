/// Whether requests may be sent: one for each task, shared by its fetches and closed by pause, cancel and shutdown.
///
/// It is looked at before a name is resolved, before a socket is opened and in the last moment before a request is
/// written. Once it is closed nothing is sent any more; such a fetch ends as `aborted`. What was sent before goes on.
/// Confined to the loop's thread, hence `@unchecked`.
package final class FetchGate: @unchecked Sendable {
  package var isOpen: Bool

  package init(isOpen: Bool = true) {
    self.isOpen = isOpen
  }
}
