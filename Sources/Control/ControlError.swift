/// A request that was not carried out: a stable code, one sentence for the user, and facts for programs.
package struct ControlError: Error, Codable, Sendable, Equatable, CustomStringConvertible {
  package var code: Code
  /// One line: what was wrong, where, and what is accepted.
  package var message: String
  package var data: Facts?

  /// Bytes that a message has at most; what it quotes of a request may be longer.
  package static let longestMessage = 4_096

  /// A message that is too long loses its middle.
  package init(_ code: Code, _ message: String, data: Facts? = nil) {
    self.code = code
    self.message = message
    self.data = data
    if message.utf8.count > Self.longestMessage {
      let half = Self.longestMessage / 2 - 8
      self.message =
        String(decoding: message.utf8.prefix(half), as: UTF8.self) + " … "
        + String(decoding: message.utf8.suffix(half), as: UTF8.self)
    }
  }

  package var description: String { message }

  /// The error's number on the wire: JSON-RPC 2.0's own, and ours from -32001 on.
  package struct Code: RawRepresentable, Codable, Sendable, Hashable {
    package var rawValue: Int

    package init(rawValue: Int) {
      self.rawValue = rawValue
    }

    /// The line is no JSON (JSON-RPC 2.0).
    package static let parseError = Code(rawValue: -32700)
    /// The line is no request (JSON-RPC 2.0).
    package static let invalidRequest = Code(rawValue: -32600)
    /// `data.methods` lists those that are known (JSON-RPC 2.0).
    package static let unknownMethod = Code(rawValue: -32601)
    /// A parameter is missing, of another type, or not acceptable (JSON-RPC 2.0).
    package static let invalidParameters = Code(rawValue: -32602)
    /// The daemon's own fault (JSON-RPC 2.0).
    package static let internalError = Code(rawValue: -32603)

    /// It was tried and did not succeed.
    package static let failed = Code(rawValue: -32001)
    /// No daemon answers at the socket, or one that is ending.
    package static let unreachable = Code(rawValue: -32003)
    /// No task, host or URL of that name; `data.candidates` when a beginning names several.
    package static let notFound = Code(rawValue: -32004)
    /// Not in this state; `data.actions` says what is possible.
    package static let refused = Code(rawValue: -32005)
    package static let timedOut = Code(rawValue: -32006)
    package static let permission = Code(rawValue: -32007)
    /// A limit of the control socket: line length, depth, clients, requests waiting.
    package static let limit = Code(rawValue: -32010)
  }

  /// What a program may want to know of an error.
  package struct Facts: Codable, Sendable, Equatable {
    /// The methods that the daemon knows.
    package var methods: [String]?
    /// What is possible in the task's state.
    package var actions: [String]?
    /// The names that a beginning stands for.
    package var candidates: [String]?
    /// The parameter or setting that was not acceptable.
    package var parameter: String?
    /// What it accepts.
    package var accepted: String?
    /// The seed that is no URL.
    package var problem: TaskOffer.Problem?

    package init(
      methods: [String]? = nil, actions: [String]? = nil, candidates: [String]? = nil, parameter: String? = nil,
      accepted: String? = nil, problem: TaskOffer.Problem? = nil
    ) {
      self.methods = methods
      self.actions = actions
      self.candidates = candidates
      self.parameter = parameter
      self.accepted = accepted
      self.problem = problem
    }
  }
}

extension ControlError {
  /// The exit code of `crawlctl` that stands for it.
  package var exitCode: Int32 {
    switch code {
    case .invalidParameters: 2
    case .unreachable: 3
    case .notFound: 4
    case .refused: 5
    case .timedOut: 6
    case .permission: 7
    default: 1
    }
  }
}
