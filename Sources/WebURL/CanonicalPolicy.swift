/// A task's rules for what makes two URLs the same page, on top of the conservative ones that always hold.
///
/// The rules below are promises about a site that its user can make and the crawler cannot. A query that a rule touches
/// loses its empty parameters (`a&&b`), and its question mark when nothing is left. A query longer than `longestQuery` is
/// left as it is, so that a page full of such links costs no more than its length. Rules are for http and https.
package struct CanonicalPolicy: Hashable, Sendable {
  /// Bytes of the longest query that the rules touch.
  package static let longestQuery = 2_048

  /// Query parameters that are left out.
  package var droppedParameters: [ParameterPattern]
  /// Unless it is empty: the only query parameters that stay, of those that are not dropped.
  package var keptParameters: [ParameterPattern]
  /// Orders the query by the bytes of parameter names; equal names keep their order.
  package var sortsQuery: Bool
  /// Makes the path's ASCII letters lower-case, except in percent sequences.
  package var lowercasesPath: Bool

  /// Nothing beyond what holds for every server.
  package static let conservative = CanonicalPolicy()

  package init(
    droppedParameters: [ParameterPattern] = [], keptParameters: [ParameterPattern] = [], sortsQuery: Bool = false,
    lowercasesPath: Bool = false
  ) {
    self.droppedParameters = droppedParameters
    self.keptParameters = keptParameters
    self.sortsQuery = sortsQuery
    self.lowercasesPath = lowercasesPath
  }

  var touchesQuery: Bool { !droppedParameters.isEmpty || !keptParameters.isEmpty || sortsQuery }

  /// It has no rule of its own.
  package var isConservative: Bool { !touchesQuery && !lowercasesPath }

  /// The query, without its question mark, after the rules; nil when they leave nothing of it.
  func applied(toQuery query: [UInt8]) -> [UInt8]? {
    guard touchesQuery, query.count <= Self.longestQuery else { return query }
    var parameters = query.split(separator: .ampersand).map { (name: $0.prefix { $0 != .equals }, text: $0) }
    parameters.removeAll { parameter in
      if droppedParameters.contains(where: { $0.matches(parameter.name) }) { return true }
      return !keptParameters.isEmpty && !keptParameters.contains { $0.matches(parameter.name) }
    }
    if sortsQuery {
      // The order of equal names can matter to a server, and the library does not promise a stable sort.
      parameters = parameters.enumerated().sorted { left, right in
        if left.element.name.lexicographicallyPrecedes(right.element.name) { return true }
        return left.offset < right.offset && left.element.name.elementsEqual(right.element.name)
      }.map(\.element)
    }
    return parameters.isEmpty ? nil : Array(parameters.map(\.text).joined(separator: [.ampersand]))
  }
}
