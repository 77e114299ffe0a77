package import Crawl

extension Configuration {
  /// The settings of a task that says nothing else: [defaults] over Crawl's own.
  /// Throws the first, by line, that Crawl refuses.
  package func taskDefaults() throws(ConfigurationError) -> TaskSettings {
    var settings = TaskSettings()
    for (name, texts) in defaults.sorted(by: {
      (lines["defaults.\($0.key)"] ?? 0, $0.key) < (lines["defaults.\($1.key)"] ?? 0, $1.key)
    }) {
      do throws(CrawlError) {
        try settings.set(name, to: texts)
      } catch {
        guard case .setting(_, let problem, let accepted) = error else {
          throw refusal("defaults.\(name)", problem: error.description, accepted: "see [defaults] in crawld.toml")
        }
        throw refusal("defaults.\(name)", problem: problem, accepted: accepted)
      }
    }
    return settings
  }
}
