/// The objects of JSON-RPC 2.0 that go over the wire, one per line.
enum Message {
  /// A request's envelope; its parameters are read when the method is known.
  struct RequestHead: Decodable, Sendable {
    /// None for a notification, which gets no reply.
    let id: RequestID?
    let method: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      guard try container.decodeIfPresent(String.self, forKey: .jsonrpc) == "2.0" else {
        throw ControlError(.invalidRequest, "a request says \"jsonrpc\": \"2.0\"")
      }
      id = container.contains(.id) ? try container.decode(RequestID.self, forKey: .id) : nil
      method = try container.decode(String.self, forKey: .method)
    }
  }

  /// A request's parameters alone. Those of a request without any are read from an empty object.
  struct RequestParameters<Parameters: Decodable>: Decodable {
    let params: Parameters

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if container.contains(.params) {
        params = try container.decode(Parameters.self, forKey: .params)
      } else {
        params = try JSONLine.decode(Parameters.self, from: Array("{}".utf8))
      }
    }
  }

  struct Request<Parameters: Encodable>: Encodable {
    let jsonrpc = "2.0"
    let id: RequestID
    let method: String
    let params: Parameters
  }

  /// A request without an id, from the daemon to the client: something happened.
  struct Notification<Parameters: Encodable>: Encodable {
    let jsonrpc = "2.0"
    let method: String
    let params: Parameters
  }

  struct Success<Value: Encodable>: Encodable {
    let jsonrpc = "2.0"
    let id: RequestID
    let result: Value
  }

  struct Failure: Encodable {
    let jsonrpc = "2.0"
    let id: RequestID
    let error: ControlError
  }

  /// A reply as its client reads it: a result or an error.
  struct Reply<Value: Decodable>: Decodable {
    let id: RequestID
    let outcome: Swift.Result<Value, ControlError>

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      id = try container.decode(RequestID.self, forKey: .id)
      if let error = try container.decodeIfPresent(ControlError.self, forKey: .error) {
        outcome = .failure(error)
      } else {
        outcome = .success(try container.decode(Value.self, forKey: .result))
      }
    }
  }

  /// What a subscriber reads after the reply: an event, or nothing that it knows.
  struct ReceivedNotification<Parameters: Decodable>: Decodable {
    let params: Parameters
  }

  /// A notification's method alone; none of a reply.
  struct NotificationHead: Decodable {
    let method: String?
  }

  /// A reply's id alone.
  struct ReplyHead: Decodable {
    let id: RequestID
  }

  enum CodingKeys: String, CodingKey {
    case jsonrpc, id, method, params, result, error
  }
}
