import HostileReaders
import Testing

/// Every reader of bytes from outside is total, and what holds for its results holds for any input. `scripts/soak
/// readers` reads a million inputs of each.
@Suite struct HostileReadersTests {
  private static let names = HostileReader.all.map(\.name)

  private func reader(_ name: String) throws -> HostileReader {
    try #require(HostileReader.all.first { $0.name == name })
  }

  @Test(arguments: names) func anyInputIsRead(name: String) throws {
    let reader = try reader(name)
    for number in 0..<3_000 {
      do {
        try reader.check(reader.input(seed: 1, number))
      } catch {
        Issue.record("fuzz-readers \(name) --seed 1 --first \(number) --count 1: \(error)")
      }
    }
  }

  /// Whatever takes quadratic time does not come back from 2¹⁹ bytes within the limit.
  @Test(.timeLimit(.minutes(2)), arguments: names) func halfAMebibyteOfEveryShapeIsRead(name: String) throws {
    let reader = try reader(name)
    for shape in reader.shapes { reader.read(shape.bytes(1 << 19)) }
  }

  @Test func anInputIsMadeOfItsNumber() throws {
    for reader in HostileReader.all {
      let inputs = (0..<40).map { reader.input(seed: 7, $0) }
      #expect(Set(inputs).count > 30, "\(reader.name)")
      for number in [0, 17, 39] { #expect(reader.input(seed: 7, number) == inputs[number]) }
      #expect(reader.input(seed: 8, 17) != inputs[17])
      #expect(Set(reader.shapes.map(\.name)).count == reader.shapes.count, "two shapes of \(reader.name) have one name")
    }
  }
}
