import EventLoop
import Store
import Testing

@Suite struct CookieTests {
  private func cookie(_ name: String, _ value: String = "v", isHostOnly: Bool = true) -> CookieRecord {
    let key = CookieRecord.Key(domain: "host1.example", isHostOnly: isHostOnly, path: "/x", name: name)
    return CookieRecord(key: key, value: value, isSecure: true, expiresAt: nil, createdAt: 5)
  }

  @Test func aJarIsAsItsChangesLeaveIt() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop)
      try await store.insertSampleTask()
      var first = VisitRecord(taskID: 1)
      var late = cookie("late")
      late.createdAt = 9
      late.expiresAt = 77
      first.cookies = [
        .put(late), .put(cookie("gone")), .put(cookie("a", "old")), .put(cookie("a", isHostOnly: false)),
      ]
      var second = VisitRecord(taskID: 1)
      second.cookies = [.removed(cookie("gone").key), .removed(cookie("never").key), .put(cookie("a", "new"))]
      var other = VisitRecord(taskID: 2)
      other.cookies = [.put(cookie("a", "of another task"))]
      #expect(first.rows == 5 && first.approximateBytes > VisitRecord(taskID: 1).approximateBytes + 4 * 128)
      for record in [first, second, other] { store.append(record) }
      #expect(try await store.cookies(taskID: 1) == [cookie("a", isHostOnly: false), cookie("a", "new"), late])
      #expect(try await store.cookies(taskID: 2).map(\.value) == ["of another task"])
      try await store.close()
    }
  }
}
