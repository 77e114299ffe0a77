package import EventLoop

/// Certificates for `*.fault.test`, right and wrong ones, made by the program `openssl` in a folder of a test.
package struct Certificates: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case valid, expired, notYetValid, wrongHost, tooWideWildcard, selfSigned, unknownAuthority, issuedByAHost, shortKey
  }

  package let directory: String

  /// The certificate that issued the valid ones.
  package var authority: String { "\(directory)/authority.crt" }

  package func certificate(_ kind: Kind) -> String { "\(directory)/\(kind.rawValue).crt" }

  package func key(_ kind: Kind) -> String { "\(directory)/\(kind == .shortKey ? "short" : "key").pem" }

  /// Makes all of them.
  ///
  /// - Throws: `Failure` with what openssl says.
  package static func make(in directory: String, on loop: EventLoop) async throws -> Certificates {
    var command = Command("/bin/sh", ["-e", "-c", script, directory])
    command.standardInput = .null
    command.standardError = .pipe
    let (said, status) = try await loop.spawn(command, Complaints())
    guard case .exited(code: 0) = status else { throw Failure(description: "openssl: \(status)\n\(said)") }
    return Certificates(directory: directory)
  }

  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }

  private struct Complaints: ProcessProtocol {
    func run(_ process: ChildProcess) async throws -> String {
      var said: [UInt8] = []
      while let more = try await process.standardError?.read(upTo: 4_096), !more.isEmpty { said += more }
      return String(decoding: said, as: UTF8.self)
    }
  }

  /// One key for all but the short one; each certificate by an authority, for names, from one date to another.
  private static let script = """
    mkdir -p "$0" && cd "$0"
    cat >authority.conf <<'TEXT'
    [ca]
    default_ca = authority
    [authority]
    new_certs_dir = .
    database = index.txt
    rand_serial = yes
    unique_subject = no
    default_md = sha256
    policy = any
    [any]
    commonName = optional
    [req]
    distinguished_name = name
    prompt = no
    [name]
    commonName = test
    TEXT
    : >index.txt
    openssl ecparam -name prime256v1 -genkey -noout -out key.pem
    openssl genrsa -out short.pem 1024
    root() { # FILE NAME
      openssl req -x509 -config authority.conf -key key.pem -subj "/CN=$2" -days 3650 -out "$1.crt" \\
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
    }
    issue() { # FILE NAME [START END [ISSUER [KEY]]]
      openssl req -new -config authority.conf -key "${6:-key}.pem" -subj /CN=host -out "$1.csr"
      printf 'subjectAltName = DNS:%s\\nbasicConstraints = critical,CA:FALSE\\n' "$2" >"$1.ext"
      openssl ca -batch -notext -config authority.conf -cert "${5:-authority}.crt" -keyfile key.pem -extfile "$1.ext" \\
        -startdate "${3:-20200101000000Z}" -enddate "${4:-21000101000000Z}" -in "$1.csr" -out "$1.crt"
    }
    root authority 'authority of the test'
    root stranger 'nobody knows this authority'
    issue valid '*.fault.test'
    issue expired '*.fault.test' 20200101000000Z 20200201000000Z
    issue notYetValid '*.fault.test' 20900101000000Z 21000101000000Z
    issue wrongHost other.test
    issue tooWideWildcard '*.test'
    issue unknownAuthority '*.fault.test' 20200101000000Z 21000101000000Z stranger
    issue issuedByAHost '*.fault.test' 20200101000000Z 21000101000000Z valid
    cat valid.crt >>issuedByAHost.crt
    issue shortKey '*.fault.test' 20200101000000Z 21000101000000Z authority short
    openssl req -x509 -config authority.conf -key key.pem -subj /CN=host -days 3650 -out selfSigned.crt \\
      -addext 'subjectAltName=DNS:*.fault.test'
    """
}
