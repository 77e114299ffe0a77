/// Makes Zstandard frames (RFC 8878).
package enum Zstandard {
  /// The magic number and the header of a frame without a size, a dictionary or a checksum.
  package static func head(windowBits: Int) -> [UInt8] {
    [0x28, 0xB5, 0x2F, 0xFD, 0x00, UInt8((windowBits - 10) << 3)]
  }

  /// A valid frame that decodes to `bytes`, in raw blocks.
  package static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var frame = head(windowBits: 17)
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(longestBlock)
      rest = rest.dropFirst(block.count)
      frame += blockHead(type: 0, count: block.count, isLast: rest.isEmpty) + block
    } while !rest.isEmpty
    return frame
  }

  /// A valid frame that decodes to so many bytes of one value, at 32,768 : 1.
  package static func run(of byte: UInt8, mebibytes: Int, windowBits: Int = 17) -> [UInt8] {
    let count = mebibytes * 8
    var frame = head(windowBits: windowBits)
    for number in 1...count { frame += block(runOf: byte, count: longestBlock, isLast: number == count) }
    return frame
  }

  package static func block(runOf byte: UInt8, count: Int, isLast: Bool) -> [UInt8] {
    blockHead(type: 1, count: count, isLast: isLast) + [byte]
  }

  private static let longestBlock = 128 << 10

  private static func blockHead(type: Int, count: Int, isLast: Bool) -> [UInt8] {
    let bits = (isLast ? 1 : 0) | type << 1 | count << 3
    return [UInt8(bits & 0xFF), UInt8(bits >> 8 & 0xFF), UInt8(bits >> 16)]
  }
}
