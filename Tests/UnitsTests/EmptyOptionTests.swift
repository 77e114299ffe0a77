import Testing
import Units

struct EmptyOptionTests {
  private let help =
    "USAGE: x [--exclude <glob> ...] [--all]\n  --exclude <glob>  No URL.\n  -o, --output <file>\n  --all"

  @Test(arguments: [
    (["a", "--exclude=", "b"], "--exclude="), (["--output=", "--exclude="], "--output="), (["--exclude", ""], nil),
    (["--exclude=x="], nil), (["--all="], nil), (["--bogus="], nil), (["--", "--exclude="], nil), (["exclude="], nil),
    (["--clude="], nil), (["--="], nil), ([], nil),
  ])
  func whatHasNoValue(words: [String], option: String?) {
    #expect(EmptyOption.first(in: words) { help } == option)
  }
}
