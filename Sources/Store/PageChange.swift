/// What a recrawl found at a URL beside what earlier crawls have of it: the closed vocabulary of `fetches.change`.
package enum PageChange: String, CaseIterable, Sendable {
  /// Earlier crawls have no page of it.
  case new
  /// Its content is another one.
  case changed
  /// It came whole, and is what it was.
  case unchanged
  /// The server says that it is what it was.
  case notModified = "not_modified"
  /// There was a page, and there is none.
  case gone
  /// There was a page, and it redirects.
  case moved
}

/// A number for each change.
package struct ChangeCounts: Sendable, Equatable {
  package var new = 0
  package var changed = 0
  package var unchanged = 0
  package var notModified = 0
  package var gone = 0
  package var moved = 0

  package init() {}

  package subscript(change: PageChange) -> Int {
    get { self[keyPath: Self.path(of: change)] }
    set { self[keyPath: Self.path(of: change)] = newValue }
  }

  private static func path(of change: PageChange) -> WritableKeyPath<ChangeCounts, Int> {
    switch change {
    case .new: \.new
    case .changed: \.changed
    case .unchanged: \.unchanged
    case .notModified: \.notModified
    case .gone: \.gone
    case .moved: \.moved
    }
  }

  static func += (left: inout ChangeCounts, right: ChangeCounts) {
    left.new &+= right.new
    left.changed &+= right.changed
    left.unchanged &+= right.unchanged
    left.notModified &+= right.notModified
    left.gone &+= right.gone
    left.moved &+= right.moved
  }
}
