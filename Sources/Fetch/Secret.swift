/// A text that nobody is to see: it describes itself as `(secret)`, and dumps show nothing of it.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  let text: String

  package init(_ text: String) {
    self.text = text
  }

  package var description: String { "(secret)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
