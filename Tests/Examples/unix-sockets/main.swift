import EventLoop
import Glibc

/// Serves processes of its own user only.
struct Reception: ServerProtocol {
  func serve(_ connection: Connection) async throws {
    // No password is needed: the kernel vouches for the user at the other end.
    guard let peer = connection.peer, peer.uid == geteuid() else { return }
    try await connection.write(peer.pid == getpid() ? "you are me\n" : "you are my neighbour\n")
  }
}

struct Visit: ClientProtocol {
  func run(_ connection: Connection) async throws -> String {
    let answer = try await connection.readLine(limit: 80) ?? Array("go away".utf8)
    return String(decoding: answer, as: UTF8.self)
  }
}

// The socket's mode follows the umask. A directory that only its owner may enter keeps everybody else out in any case.
var template = Array("/tmp/reception-XXXXXX".utf8CString)
guard mkdtemp(&template) != nil else { fatalError("no directory for the socket") }
let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
defer { rmdir(directory) }
let path = "\(directory)/socket"

try EventLoop.run {
  guard let loop = EventLoop.current else { return }
  let listener = try await loop.listen(on: .unix(path: path), Reception())
  print(try await loop.connect(to: listener.address, Visit()))
  // Removes the path too, so that the next server finds it free.
  await listener.closeAll()
  print("the path is \(access(path, F_OK) == 0 ? "there" : "gone")")

  // Nobody listens any more: an error that names the system call and the reason.
  do {
    _ = try await loop.connect(to: listener.address, Visit())
  } catch let error as EventLoopError {
    print(error)
  }
}
