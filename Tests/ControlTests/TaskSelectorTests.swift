import Control
import Testing

/// TASK = exact id, else exact name, else the unique beginning of a name.
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

  @Test func digitsAloneAreTheBeginningOfNoName() throws {
    let tasks: [(id: Int64, name: String)] = [(18, "77-docs"), (19, "docs")]
    let directory = TaskDirectory(tasks)
    let errors = [
      #expect(throws: ControlError.self) { try TaskSelector.resolve("77", among: tasks) },
      #expect(throws: ControlError.self) { try directory.resolve("77") },
    ]
    for error in errors {
      #expect(error?.message.contains("did you mean 77-docs? Digits alone are an id or a whole name") == true)
    }
    #expect(try TaskSelector.resolve("77-", among: tasks) == 18)
    #expect(try directory.resolve("77-") == 18)
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

  /// Whatever is asked, the directory answers as a look at each task does.
  @Test func aDirectoryFindsTheSame() {
    let many = (1...40).map { (id: Int64($0), name: ["a", "ab-", "ab-1", "b", "zz"][$0 % 5] + "\($0 / 5)") }
    for tasks in [tasks, many, []] {
      let directory = TaskDirectory(tasks)
      let beginnings = tasks.flatMap { task in task.name.indices.map { String(task.name[..<$0]) } }
      let others = ["", "x", "Z", "zzzz", "99", "-1", "ü", "Zu", "\u{10FFFF}", "a\u{308}", "3"]
      for text in Set(beginnings + tasks.map(\.name) + tasks.map { String($0.id) } + others) {
        for isWhole in [false, true] {
          let expected = Result { () throws(ControlError) in
            try TaskSelector.resolve(text, among: tasks, isWhole: isWhole)
          }
          let found = Result { () throws(ControlError) in try directory.resolve(text, isWhole: isWhole) }
          #expect(words(found) == words(expected), "\(text)")
        }
      }
    }
  }

  private func words(_ result: Result<Int64, ControlError>) -> String {
    switch result {
    case .success(let id): "\(id)"
    case .failure(let error): "\(error.code) \(error.message) \(error.data?.candidates ?? [])"
    }
  }
}
