/// English nouns behind numbers.
package enum PluralText {
  /// `1 URL`, `12345 URLs`, `2 fetches`.
  package static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(number == 1 ? noun : of(noun))"
  }

  /// `1 URL waits`, `2 URLs wait`: with the verb that goes with the number.
  package static func count(_ number: Int, _ noun: String, _ singular: String, _ plural: String) -> String {
    "\(count(number, noun)) \(number == 1 ? singular : plural)"
  }

  /// The plural of a noun that makes it with -s or -es.
  package static func of(_ noun: String) -> String {
    noun + (noun.hasSuffix("ch") || noun.hasSuffix("s") ? "es" : "s")
  }
}
