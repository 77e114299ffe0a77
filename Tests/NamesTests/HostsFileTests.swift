import Address
import EventLoop
import Glibc
import Names
import TestWeb
import Testing

@Suite struct HostsFileTests {
  private static func withFile(_ text: String, _ body: (String) throws -> Void) throws {
    var template = Array("/tmp/names-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try #require(descriptor >= 0)
    defer {
      close(descriptor)
      unlink(path)
    }
    let bytes = Array(text.utf8)
    try #require(write(descriptor, bytes, bytes.count) == bytes.count)
    try body(path)
  }

  @Test func `its names come before the name servers`() throws {
    let text = """
      # test names
      127.0.0.1\tlocal.example Alias.Example   # and a comment

      ::1  local.example\r
      192.0.2.9 other.example.
      """
    try HostsFileTests.withFile(text) { path in
      try ResolverTests.run(hostsFile: path, reply: { _, _ in .noSuchName }) { resolver, server in
        let day = Duration.seconds(86_400)
        let local = [Address("127.0.0.1")!, Address("::1")!]
        #expect(await resolver.resolve("local.example") == .addresses(local, timeToLive: day))
        #expect(await resolver.resolve("ALIAS.example.") == .addresses([local[0]], timeToLive: day))
        #expect(await resolver.resolve("other.example") == .addresses([Address("192.0.2.9")!], timeToLive: day))
        #expect(server.questions.isEmpty)
        #expect(await resolver.resolve("third.example").failure == .notFound)
        #expect(server.questions == ["third.example A"])
      }
    }
  }

  @Test(arguments: ["127.0.0.1 a.example\nnonsense b.example\n", "# first\n192.0.2.1\n"])
  func `a line that is none is an error with its number`(text: String) throws {
    try HostsFileTests.withFile(text) { path in
      try EventLoop.run {
        let error = #expect(throws: ResolverError.self) {
          _ = try Resolver(loop: EventLoop.current!, hostsFile: path)
        }
        #expect(error?.description.contains("\(path), line 2: “") == true)
      }
    }
  }

  @Test func `a file that is not there is an error with its path`() throws {
    try EventLoop.run {
      let error = #expect(throws: ResolverError.self) {
        _ = try Resolver(loop: EventLoop.current!, hostsFile: "/nonexistent/hosts")
      }
      #expect(error?.description == "the hosts file /nonexistent/hosts cannot be read: No such file or directory")
    }
  }

  @Test func `name servers that are none are an error`() throws {
    try EventLoop.run {
      var configuration = ResolverConfiguration()
      configuration.servers = "not an address"
      #expect(throws: ResolverError.self) {
        _ = try Resolver(loop: EventLoop.current!, configuration: configuration)
      }
    }
  }
}
