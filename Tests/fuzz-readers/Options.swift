import HostileReaders

/// The arguments: words, then options with a value each.
struct Options {
  private(set) var words: [String] = []
  private var numbers: [String: Int] = [:]
  private(set) var input: String?
  private(set) var shape: String?

  private static let names = ["--count", "--seed", "--first", "--deadline", "--write", "--bytes"]

  init(_ arguments: [String]) {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--"), word != "--help" else {
        words.append(word)
        continue
      }
      guard let value = rest.popFirst() else { stop("\(word) needs a value\n\(usage)", code: 2) }
      if word == "--input" {
        input = value
      } else if word == "--shape" {
        shape = value
      } else {
        guard Options.names.contains(word), let number = Int(value), number >= 0 else {
          stop("\(word) \(value): no such option, or no number\n\(usage)", code: 2)
        }
        numbers[word] = number
      }
    }
  }

  subscript(_ name: String) -> Int? { numbers[name] }

  /// The readers that the word at this place names.
  func readers(at place: Int) -> [HostileReader] {
    guard words.count == place + 1 else { stop(usage, code: 2) }
    let readers = HostileReader.all.filter { words[place] == "all" || words[place] == $0.name }
    if readers.isEmpty { stop("no reader is called \(words[place]); fuzz-readers list names them", code: 2) }
    return readers
  }
}
