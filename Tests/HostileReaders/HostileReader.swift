// Hostile input for everything that reads bytes from outside: for each reader a grammar that random inputs are made
// of, the properties that hold for any input, and shapes that a reader of more than linear time does not bear.
//
// - A reader is total: any bytes give a result or a refusal, never a trap, never a loop without an end.
// - An input is made of a seed and its number alone, so each can be made again by itself.
// - `scripts/test` reads a few thousand inputs per reader, `scripts/soak readers` a million; the program fuzz-readers
//   is what both use to run, count and reproduce.

/// One reader of bytes from outside.
package struct HostileReader: Sendable {
  package let name: String
  let grammar: Grammar
  package let shapes: [Shape]
  /// Reads, and drops what was read.
  package let read: @Sendable ([UInt8]) -> Void
  private let properties: @Sendable ([UInt8]) throws -> Void

  init(
    _ name: String, _ grammar: Grammar, shapes: [Shape], read: @escaping @Sendable ([UInt8]) -> Void,
    properties: (@Sendable ([UInt8]) throws -> Void)? = nil
  ) {
    self.name = name
    self.grammar = grammar
    self.shapes = shapes
    self.read = read
    self.properties = properties ?? { bytes in read(bytes) }
  }

  /// The input with this number, the same on every machine.
  package func input(seed: UInt64, _ number: Int) -> [UInt8] { grammar.input(seed: seed, number) }

  /// Reads `bytes` and throws when something does not hold that holds for any input.
  package func check(_ bytes: [UInt8]) throws { try properties(bytes) }

  package static let all: [HostileReader] = [
    url, host, address, robots, glob, page, legacyPage, xhtml, sourceSet, kind, sitemap, gzip, headerFields, refresh,
    cookies, retryAfter, units, hostsFile, controlLine,
  ]
}

/// A property that does not hold, in a sentence.
package struct Violation: Error, CustomStringConvertible {
  package let description: String
}

/// Throws the sentence unless the condition holds.
func require(_ holds: Bool, _ sentence: @autoclosure () -> String) throws {
  if !holds { throw Violation(description: sentence()) }
}
