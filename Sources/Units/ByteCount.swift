/// Sizes as text. Units: `B`, `kB`, `MB`, `GB` (powers of 1,000), `KiB`, `MiB`, `GiB` (powers of 1,024).
package enum ByteCount {
  package static let accepted =
    "a number with B, kB, MB, GB, KiB, MiB or GiB, e.g. 64KiB, 1.5 GB (a bare number is bytes)"

  private static let decimal: [(name: String, bytes: Int64)] = [
    ("B", 1), ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000),
  ]
  private static let binary: [(name: String, bytes: Int64)] = [
    ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
  ]

  /// Reads `10MiB`, `1.5 GB`, `4096`; parts of a byte are dropped. From 0 to 2^63 - 1 bytes.
  /// Throws a sentence that names what is accepted.
  package static func parse(_ text: String) throws(UnitsError) -> Int64 {
    guard let number = DecimalText(text) else { throw refusal(text, "is no size") }
    let scale: Int64
    if number.unit.isEmpty {
      scale = 1
    } else if let unit = (decimal + binary).first(where: { $0.name == number.unit }) {
      scale = unit.bytes
    } else {
      throw refusal(text, "has no unit of size that is known")
    }
    guard let bytes = number.times(scale) else { throw refusal(text, "is too large") }
    return bytes
  }

  /// For people: `512 B`, `1.5 MiB`, `20 GiB`; at most two decimals, rounded. `parse` reads it.
  package static func format(_ bytes: Int64) -> String {
    guard bytes >= 0 else { return "-" + format(bytes == .min ? .max : -bytes) }
    var index = binary.lastIndex { bytes >= $0.bytes } ?? 0
    var number = DecimalText.short(bytes, per: binary[index].bytes)
    if number == "1024", index + 1 < binary.count {
      index += 1
      number = "1"
    }
    return "\(number) \(binary[index].name)"
  }

  /// Without loss: `10MiB`, `1500kB`, `1023B`, in the unit that gives the shortest number. `parse` gives it back.
  package static func exact(_ bytes: Int64) -> String {
    guard bytes > 0 else { return "\(bytes)B" }
    var best = (name: "B", bytes: 1 as Int64)
    for unit in decimal + binary where bytes % unit.bytes == 0 && unit.bytes > best.bytes { best = unit }
    return "\(bytes / best.bytes)\(best.name)"
  }

  private static func refusal(_ text: String, _ what: String) -> UnitsError {
    UnitsError(problem: "\(quoted(text)) \(what)", accepted: accepted)
  }
}
