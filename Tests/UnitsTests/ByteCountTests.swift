import Testing
import Units

@Suite struct ByteCountTests {
  @Test(arguments: [
    ("0", 0 as Int64), ("512", 512), ("512 B", 512), ("1kB", 1_000), ("1 KiB", 1_024), ("1.5MB", 1_500_000),
    ("10MiB", 10_485_760), ("2GB", 2_000_000_000), ("1GiB", 1 << 30), ("0.3B", 0), ("0.5KiB", 512),
  ])
  func reads(text: String, bytes: Int64) throws {
    #expect(try ByteCount.parse(text) == bytes)
  }

  @Test(arguments: ["", "MB", "-1", "1 mb", "1 KB", "1TB", "1 M", "9999999999GiB", "1.5.5kB", "10MiB x"])
  func refusesWithASentence(text: String) {
    let error = #expect(throws: UnitsError.self) { try ByteCount.parse(text) }
    #expect(error?.description.contains("KiB, MiB or GiB") == true)
  }

  @Test(arguments: [
    (0 as Int64, "0 B"), (512, "512 B"), (1_023, "1023 B"), (1_024, "1 KiB"), (1_536, "1.5 KiB"),
    (1_048_575, "1 MiB"), (20 << 30, "20 GiB"), (4_096 << 30, "4096 GiB"), (-2_048, "-2 KiB"), (.max, "8589934592 GiB"),
    (.min, "-8589934592 GiB"),
  ])
  func showsShort(bytes: Int64, text: String) {
    #expect(ByteCount.format(bytes) == text)
  }

  @Test(arguments: [
    (0 as Int64, "0B"), (10 << 20, "10MiB"), (1_500_000, "1500kB"), (1_023, "1023B"), (3_000_000_000, "3GB"),
    (.max, "9223372036854775807B"),
  ])
  func exactTextIsShortest(bytes: Int64, text: String) {
    #expect(ByteCount.exact(bytes) == text)
  }
}
