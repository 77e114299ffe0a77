/// Numbers that look random and are the same on every machine: the n-th draw of a seed, without state (SplitMix64).
package struct SeededNumbers: Sendable {
  package let seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  package func draw(_ position: UInt64) -> UInt64 {
    var mixed = seed &+ (position &+ 1) &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// The n-th draw, brought into 0 ..< bound (bound > 0; the bias is below bound / 2⁶⁴).
  package func draw(_ position: UInt64, below bound: Int) -> Int {
    Int(draw(position) % UInt64(bound))
  }
}
