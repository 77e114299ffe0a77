import CAllocationCount
import CInstructionCount
import HostileReaders

/// Reads every shape at two lengths and compares what that took.
enum ShapeCounts {
  /// Twice the bytes may take this many times as much. Lengths near a power of two are no good: a buffer that doubles has
  /// room for the one and not for the other.
  private static let limit = 2.2

  private struct Heap {
    var allocations: Int64
    var bytes: Int64
  }

  /// False when one shape took more than it may.
  static func take(_ arguments: Options) -> Bool {
    let bytes = arguments["--bytes"] ?? 50_000
    var areLinear = true
    for reader in arguments.readers(at: 1) {
      // Tables that are made once.
      for shape in reader.shapes { reader.read(shape.bytes(256)) }
      let shapes = reader.shapes.filter { arguments.shape == nil || arguments.shape == $0.name }
      if shapes.isEmpty { stop("\(reader.name) has no such shape", code: 2) }
      for shape in shapes {
        let once = heap(reader, shape, bytes)
        let twice = heap(reader, shape, 2 * bytes)
        // A few allocations more or less are the growth of one buffer.
        let growth = max(
          Double(twice.allocations) / Double(max(once.allocations, 500)),
          Double(twice.bytes) / Double(max(once.bytes, 1 << 20)))
        if growth > limit && !instruction_count_is_available() {
          print("\(reader.name) \(shape.name.debugDescription): \(once) → \(twice)")
          areLinear = false
        }
      }
      if !instruction_count_is_available() { print("\(reader.name): \(shapes.count) shapes") }
    }
    return areLinear
  }

  private static func heap(_ reader: HostileReader, _ shape: Shape, _ bytes: Int) -> Heap {
    let input = shape.bytes(bytes)
    let before = Heap(allocations: allocation_count(), bytes: allocation_bytes_taken())
    instruction_count_begin()
    reader.read(input)
    if instruction_count_is_available() {
      instruction_count_end("\(bytes) \(reader.name) \(shape.name.debugDescription)")
    }
    return Heap(
      allocations: allocation_count() - before.allocations, bytes: allocation_bytes_taken() - before.bytes)
  }
}
