extension ControlError {
  /// A request's envelope that is not one: no JSON at all, or not the object that JSON-RPC asks for.
  init(envelope error: any Error) {
    switch error {
    case let error as ControlError:
      self = error
    case DecodingError.dataCorrupted:
      self.init(.parseError, "the line is no JSON")
    case DecodingError.keyNotFound(let key, _), DecodingError.valueNotFound(_, let key as any CodingKey):
      self.init(.invalidRequest, "the request has no “\(key.stringValue)”")
    case DecodingError.typeMismatch(_, let context):
      if let key = context.codingPath.first {
        self.init(.invalidRequest, "the request's “\(key.stringValue)” has the wrong type")
      } else {
        self.init(.invalidRequest, "a request is one JSON object per line")
      }
    default:
      self.init(.invalidRequest, "a request is one JSON object per line with jsonrpc, id, method and params")
    }
  }

  /// Parameters that the method does not take, with the place of the first fault.
  init(parametersOf method: String, _ error: any Error) {
    switch error {
    case let error as ControlError:
      self = error
    case DecodingError.keyNotFound(let key, let context):
      let place = Self.place(context.codingPath + [key])
      self.init(.invalidParameters, "\(method) needs the parameter \(place)", data: Facts(parameter: place))
    case DecodingError.typeMismatch(let type, let context), DecodingError.valueNotFound(let type, let context):
      let place = Self.place(context.codingPath)
      let accepted = Self.noun(for: type)
      let subject = place.isEmpty ? "the params of \(method)" : "\(method): parameter \(place)"
      self.init(
        .invalidParameters, "\(subject) has the wrong type; \(accepted) is accepted",
        data: Facts(parameter: place, accepted: accepted))
    case DecodingError.dataCorrupted(let context):
      // JSON it is, since the envelope was read: a number that 64 bits don't hold, or half a surrogate pair in a text (the
      // decoder tells the place of neither), or a setting that is none of the types of settings.
      let place = Self.place(context.codingPath)
      let subject = place.isEmpty ? "a value in the params" : "parameter \(place)"
      // A setting says itself what it takes.
      let accepted =
        context.underlyingError == nil && place.hasPrefix("settings.")
        ? context.debugDescription : "integers of 64 bits and texts of whole characters are accepted"
      self.init(
        .invalidParameters, "\(method): \(subject) cannot be read; \(accepted)",
        data: place.isEmpty ? nil : Facts(parameter: place))
    default:
      self.init(.invalidParameters, "\(method): the parameters cannot be read")
    }
  }

  /// `settings.include[2]` for the path to a value, without the envelope's own `params`.
  private static func place(_ path: [any CodingKey]) -> String {
    var text = ""
    for key in path.dropFirst(path.first?.stringValue == "params" ? 1 : 0) {
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += text.isEmpty ? key.stringValue : "." + key.stringValue
      }
    }
    return text
  }

  private static func noun(for type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Bool.Type: "true or false"
    case is any FixedWidthInteger.Type: "an integer"
    case is Double.Type: "a number"
    case is [Any].Type: "a list"
    default: "an object"
    }
  }
}
