/// An input of any length that some reader could take more than linear time for.
package struct Shape: Sendable {
  package let name: String
  private let make: @Sendable (Int) -> [UInt8]

  init(_ name: String, _ make: @escaping @Sendable (Int) -> [UInt8]) {
    self.name = name
    self.make = make
  }

  /// `unit` over and over; what stands before and behind is the same at any length.
  init(_ unit: String, after start: String = "", before end: String = "", named name: String? = nil) {
    self.init(name ?? "\(start){\(unit)}\(end)") { length in
      let unit = Array(unit.utf8)
      var bytes = Array(start.utf8)
      bytes.reserveCapacity(length + end.utf8.count + unit.count)
      repeat { bytes += unit } while bytes.count + end.utf8.count < length
      return bytes + Array(end.utf8)
    }
  }

  /// A unit that differs from one time to the next.
  init(
    _ name: String, after start: String = "", before end: String = "", each unit: @escaping @Sendable (Int) -> String
  ) {
    self.init(name) { length in
      var bytes = Array(start.utf8)
      var number = 0
      repeat {
        bytes += Array(unit(number).utf8)
        number += 1
      } while bytes.count + end.utf8.count < length
      return bytes + Array(end.utf8)
    }
  }

  /// The input of about this many bytes.
  package func bytes(_ length: Int) -> [UInt8] { make(length) }
}
