extension Store {
  /// Brings all texts into the full-text index, the newest first, after an upgrade from a layout that had another one, and
  /// then deletes that one. In short transactions between those of others; broken off, it goes on where it was.
  ///
  /// Cost: reads all texts; about 100 ns a byte on the writer thread.
  package func indexTexts() async throws {
    while try await ordered(isPatient: true, { try $0.indexTexts() }) {}
    while try await ordered(isPatient: true, { try $0.removeOldIndex() }) {}
  }
}
