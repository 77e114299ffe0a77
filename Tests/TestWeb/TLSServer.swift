package import EventLoop
import Glibc

/// nginx as the TLS side of servers that speak plain TCP: it does the handshake, and hands bytes through.
package struct TLSServer: Sendable {
  /// How one of its addresses behaves.
  package struct Manner: Sendable {
    package var certificate: Certificates.Kind
    /// As nginx names them.
    package var versions: String
    /// For ALPN; nil: none.
    package var applicationProtocol: String?
    package var wantsCertificate: Bool
    /// What a client is to ask for behind it.
    package var target: String

    package init(
      _ certificate: Certificates.Kind = .valid, versions: String = "TLSv1.2 TLSv1.3",
      applicationProtocol: String? = nil, wantsCertificate: Bool = false, target: String = "/page"
    ) {
      self.certificate = certificate
      self.versions = versions
      self.applicationProtocol = applicationProtocol
      self.wantsCertificate = wantsCertificate
      self.target = target
    }
  }

  /// An address (`host:port`), how it behaves, and the server behind it.
  package struct Door: Sendable {
    package var address: String
    package var manner: Manner
    package var server: String

    package init(address: String, manner: Manner, server: String) {
      self.address = address
      self.manner = manner
      self.server = server
    }
  }

  package let certificates: Certificates
  package let doors: [Door]

  package init(certificates: Certificates, doors: [Door]) {
    self.certificates = certificates
    self.doors = doors
  }

  /// Runs it while `body` runs.
  ///
  /// - Throws: what `body` throws; `Failure` when nginx ends before it is ready, with what it said.
  package func run<T: Sendable>(on loop: EventLoop, _ body: @escaping @Sendable () async throws -> T) async throws -> T
  {
    let path = "\(certificates.directory)/nginx.conf"
    try TextFile.write(configuration, to: path)
    var command = Command("nginx", ["-p", certificates.directory, "-c", path, "-e", "stderr"])
    command.standardInput = .null
    command.standardOutput = .null
    command.standardError = .pipe
    return try await loop.spawn(command, Running(body: body)).0
  }

  /// Of each TLS session of a name that has ended, in that order, whether it was resumed: what nginx has written down.
  package static func resumptions(of name: String, in certificates: Certificates) -> [Bool] {
    let log = TextFile.read("\(certificates.directory)/\(logName)") ?? ""
    let sessions = log.split(separator: "\n").map { $0.split(separator: " ") }
    return sessions.filter { $0.first == name[...] }.map { $0[1] == "r" }
  }

  private static let logName = "sessions.log"

  package struct Failure: Error, CustomStringConvertible {
    package var said: String
    package var description: String { "nginx never became ready: \(said)" }
  }

  private var configuration: String {
    let servers = doors.map { door in
      let manner = door.manner
      var lines = [
        "listen \(door.address) ssl",
        "ssl_certificate \(certificates.certificate(manner.certificate))",
        "ssl_certificate_key \(certificates.key(manner.certificate))",
        "ssl_protocols \(manner.versions)",
        "ssl_ciphers DEFAULT:@SECLEVEL=0",
        "proxy_pass \(door.server)",
      ]
      if let name = manner.applicationProtocol { lines.append("ssl_alpn \(name)") }
      if manner.wantsCertificate {
        lines += ["ssl_verify_client on", "ssl_client_certificate \(certificates.authority)"]
      }
      return "  server {\n" + lines.map { "    \($0);\n" }.joined() + "  }\n"
    }
    return """
      daemon off;
      master_process off;
      pid nginx.pid;
      error_log stderr notice;
      load_module /usr/lib/nginx/modules/ngx_stream_module.so;
      events { worker_connections 4096; }
      stream {
        log_format sessions '$ssl_server_name $ssl_session_reused';
        access_log \(certificates.directory)/\(Self.logName) sessions;
        ssl_session_cache shared:sessions:1m;
      \(servers.joined())}

      """
  }
}

private struct Running<T: Sendable>: ProcessProtocol {
  let body: @Sendable () async throws -> T

  func run(_ process: ChildProcess) async throws -> T {
    guard let errors = process.standardError else { fatalError("nginx has no pipe for its errors") }
    var said: [UInt8] = []
    // It names its version when its sockets are listened on.
    while !String(decoding: said, as: UTF8.self).contains("[notice] ") {
      let more = try await errors.read(upTo: 4_096)
      if more.isEmpty { throw TLSServer.Failure(said: String(decoding: said, as: UTF8.self)) }
      said += more
    }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        while try await !errors.read(upTo: 65_536).isEmpty {}
      }
      let result = try await body()
      try process.send(signal: SIGTERM)
      group.cancelAll()
      return result
    }
  }
}
