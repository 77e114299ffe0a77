/// `--exclude=`, as a script writes it whose variable is empty. The parser of command lines would take the word after it for
/// the option's value.
package enum EmptyOption {
  /// The first such option, as it was written, among the words before `--`.
  ///
  /// - Parameter help: what the command says of itself: an option that takes a value stands in it as `--exclude <glob>`.
  package static func first(in words: some Sequence<String>, help: () -> String) -> String? {
    let empty = words.prefix { $0 != "--" }.filter { $0.hasPrefix("--") && $0.firstIndex(of: "=") == $0.indices.last }
    if empty.isEmpty { return nil }
    let help = help()
    return empty.first { help.contains("\($0.dropLast()) <") }
  }
}
