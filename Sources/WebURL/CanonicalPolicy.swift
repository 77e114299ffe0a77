/// A task's rules for what makes two URLs the same page, on top of the conservative ones that always hold.
///
/// The rules below are promises about a site that its user can make and the crawler cannot. A query that a rule touches
/// loses its empty parameters (`a&&b`), and its question mark when nothing is left. Rules are for http and https.
package struct CanonicalPolicy: Hashable, Sendable {
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
    guard touchesQuery else { return query }
    var parameters = query.split(separator: .ampersand).filter { parameter in
      let name = parameter.prefix { $0 != .equals }
      if droppedParameters.contains(where: { $0.matches(name) }) { return false }
      return keptParameters.isEmpty || keptParameters.contains { $0.matches(name) }
    }
    if sortsQuery {
      // The order of equal names can matter to a server, and the library does not promise a stable sort.
      parameters = parameters.enumerated().sorted { left, right in
        let names = (left.element.prefix { $0 != .equals }, right.element.prefix { $0 != .equals })
        return names.0.elementsEqual(names.1)
          ? left.offset < right.offset : names.0.lexicographicallyPrecedes(names.1)
      }.map(\.element)
    }
    return parameters.isEmpty ? nil : Array(parameters.joined(separator: [.ampersand]))
  }
}
