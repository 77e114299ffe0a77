import Control
import Testing

/// TASK = exact id, else exact name, else unique prefix of a name.
struct TaskSelectorTests {
  private let tasks: [(id: Int64, name: String)] = [
    (1, "docs"), (2, "docs.example"), (3, "7"), (7, "news.example"), (8, "nested"), (12, "Zürich"),
  ]

  @Test(arguments: [
    ("1", 1), ("7", 7), ("docs", 1), ("docs.", 2), ("new", 7), ("nes", 8), ("Zü", 12), ("docs.example", 2),
  ])
  func found(text: String, id: Int64) throws {
    #expect(try TaskSelector.resolve(text, among: tasks) == id)
  }

  @Test func ambiguousPrefixesListTheirNames() {
    let error = #expect(throws: ControlError.self) { try TaskSelector.resolve("ne", among: tasks) }
    #expect(error?.code == .notFound)
    #expect(error?.data?.candidates == ["nested", "news.example"])
    #expect(error?.message.contains("nested news.example") == true)
  }

  @Test func manyNamesAreCut() {
    let many = (1...500).map { (id: Int64($0), name: "task-\($0)") }
    let error = #expect(throws: ControlError.self) { try TaskSelector.resolve("task", among: many) }
    #expect(error?.data?.candidates?.count == 10)
    #expect(error?.message.contains("beginning of 500 names") == true)
  }

  @Test(arguments: [("1", 1), ("7", 7), ("docs", 1), ("docs.example", 2)])
  func aWholeName(text: String, id: Int64) throws {
    #expect(try TaskSelector.resolve(text, among: tasks, isWhole: true) == id)
  }

  @Test(arguments: [
    ("docs.", ["docs.example"], "; did you mean docs.example? "),
    ("ne", ["nested", "news.example"], "; did you mean nested news.example? "),
  ])
  func theBeginningOfANameIsNotEnough(text: String, candidates: [String], words: String) {
    let error = #expect(throws: ControlError.self) { try TaskSelector.resolve(text, among: tasks, isWhole: true) }
    #expect(error?.code == .notFound && error?.data?.candidates == candidates)
    #expect(error?.message.contains(words) == true, "\(error as Any)")
  }

  @Test(arguments: ["", "x", "99", "Docs", "docs.example2", "-1", "99999999999999999999"])
  func notFound(text: String) {
    let error = #expect(throws: ControlError.self) { try TaskSelector.resolve(text, among: tasks) }
    #expect(error?.exitCode == 4)
  }
}
