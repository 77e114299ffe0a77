// Control: the socket by which the daemon is steered and asked.
//
// JSON-RPC 2.0, one object per line, over a Unix-domain stream socket that the event loop serves itself. This room holds
// the protocol's types (one enum per method, in Methods/), the server, the client, and the rules about the socket's
// path. It knows no crawl: the daemon fills a `HandlerTable`, and each request is answered by the handler of its method.
//
// Invariants:
// - Every request with an id gets exactly one reply, unless its connection ends first. Replies to `inOrder` methods come
//   in the order of their requests; a method that answers `later` overtakes nothing and holds nothing up.
// - Nothing a client sends or leaves unread costs the daemon more than the bounds of `ControlLimits`.
// - Only the daemon's own user and root are heard (SO_PEERCRED); the socket is never accessible to others.
// - A path that is no socket is never deleted, and a socket is replaced only under the data directory's lock.
//
// It does not persist, log or interpret a setting: texts go through as typed. No method runs code or opens a path that a
// client named.

/// Facts about the protocol as a whole.
package enum ControlProtocol {
  /// Raised when a reply's field changes its meaning or goes away; new fields and methods leave it as it is.
  package static let version = 1
}
