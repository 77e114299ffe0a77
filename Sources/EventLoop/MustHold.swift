/// Ends the program with a sentence when a rule of the loop is broken. The standard library's `precondition` stops an
/// optimised program without a word.
@inline(__always)
func mustHold(
  _ condition: Bool, _ sentence: @autoclosure () -> String, file: StaticString = #file, line: UInt = #line
) {
  if !condition { fatalError(sentence(), file: file, line: line) }
}
