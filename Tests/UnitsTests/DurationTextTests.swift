import Testing
import Units

@Suite struct DurationTextTests {
  @Test(arguments: [
    ("250ms", Duration.milliseconds(250)), ("10 s", .seconds(10)), ("1.5h", .seconds(5_400)), ("30", .seconds(30)),
    ("2m", .seconds(120)), ("1d", .seconds(86_400)), ("0", .zero), (" 1 ", .seconds(1)), (".5s", .milliseconds(500)),
    ("0.000001ms", .nanoseconds(1)), ("36500d", .seconds(36_500 * 86_400)),
  ])
  func reads(text: String, duration: Duration) throws {
    #expect(try DurationText.parse(text) == duration)
  }

  @Test(arguments: [
    "", " ", "s", "-1s", "+1s", "1.s", ".", "1..2", "1 S", "1 week", "1s2", "1e3", "٣s", "36501d",
    "999999999999999999d",
    "9999999999999999999", "1.0000000001s", "1,5s", "0x10", "1\u{0}s",
  ])
  func refusesWithASentence(text: String) {
    let error = #expect(throws: UnitsError.self) { try DurationText.parse(text) }
    #expect(error?.accepted == DurationText.accepted)
    #expect(error?.problem.contains("\u{0}") == false)
  }

  @Test(arguments: [
    (Duration.zero, "0 s"), (.milliseconds(250), "250 ms"), (.milliseconds(1_500), "1.5 s"), (.seconds(59), "59 s"),
    (.milliseconds(59_999), "1 m"), (.seconds(90), "1.5 m"), (.seconds(8_100), "2.25 h"), (.seconds(86_400), "1 d"),
    (.microseconds(850), "0.85 ms"), (.milliseconds(12_340), "12.3 s"), (.milliseconds(1_050), "1.05 s"),
    (.milliseconds(-1_500), "-1.5 s"), (.seconds(86_400 * 400), "400 d"), (.milliseconds(9_999), "10 s"),
    (.seconds(Int64.max), "36500 d"),
  ])
  func showsShort(duration: Duration, text: String) {
    #expect(DurationText.format(duration) == text)
  }

  @Test(arguments: [
    (Duration.zero, "0s"), (.seconds(90), "90s"), (.seconds(7_200), "2h"), (.milliseconds(1_500), "1500ms"),
    (.nanoseconds(1), "0.000001ms"), (.microseconds(1_200_100), "1200.1ms"), (.seconds(86_400), "1d"),
  ])
  func exactTextComesBack(duration: Duration, text: String) throws {
    #expect(DurationText.exact(duration) == text)
    #expect(try DurationText.parse(text) == duration)
  }
}
