/// What the process was given as arguments.
package enum ArgumentText {
  /// The first that is no UTF-8 text, with U+FFFD for what is none; in `CommandLine.arguments` that text stands for it, and
  /// names another URL or file.
  package static var firstInvalid: String? {
    for place in 1..<max(1, Int(CommandLine.argc)) {
      guard let argument = CommandLine.unsafeArgv[place] else { break }
      if String(validatingCString: argument) == nil { return String(cString: argument) }
    }
    return nil
  }
}
