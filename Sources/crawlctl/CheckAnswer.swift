/// The `id` of a line, whatever its type, to be echoed.
enum CheckID: Codable {
  case text(String)
  case integer(Int64)
  case decimal(Double)
  case flag(Bool)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Int64.self) {
      self = .integer(number)
    } else {
      self = .decimal(try container.decode(Double.self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .integer(let number): try container.encode(number)
    case .decimal(let number): try container.encode(number)
    case .flag(let flag): try container.encode(flag)
    }
  }
}

/// What every line may have.
struct CheckIdentity: Decodable {
  let id: CheckID?
}

/// The `id` beside the fields of the answer.
struct CheckAnswer<Answer: Encodable>: Encodable {
  private enum CodingKeys: String, CodingKey {
    case id
  }

  let id: CheckID?
  let answer: Answer

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try answer.encode(to: encoder)
  }
}

struct CheckError: Encodable {
  private enum CodingKeys: String, CodingKey {
    case id, error
  }

  let id: CheckID?
  let error: String

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(error, forKey: .error)
  }
}
