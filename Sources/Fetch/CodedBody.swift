/// The content codings that are decoded (RFC 9110 section 8.4.1, RFC 7932, RFC 8878). `deflate` comes unasked.
enum ContentCoding: String {
  case gzip, deflate, br, zstd

  /// By its name in a field; nil for a coding that nobody knows.
  init?(_ name: Slice<UnsafeBufferPointer<UInt8>>) {
    if name.isToken("gzip") || name.isToken("x-gzip") {
      self = .gzip
    } else if name.isToken("br") {
      self = .br
    } else if name.isToken("zstd") {
      self = .zstd
    } else if name.isToken("deflate") {
      self = .deflate
    } else {
      return nil
    }
  }

  /// nil when there is no memory.
  private func makeBody() -> (any CodedBody)? {
    switch self {
    case .gzip, .deflate: DeflatedBody(self)
    case .br: BrotliBody()
    case .zstd: ZstdBody()
    }
  }

  /// What unpacks a body in these codings, in the order in which they were applied; nil when there is no memory.
  static func body(in codings: [ContentCoding]) -> (any CodedBody)? {
    guard var body = codings.first?.makeBody() else { return nil }
    for coding in codings.dropFirst() {
      guard let outer = coding.makeBody() else { return nil }
      body = LayeredBody(outer: outer, inner: body)
    }
    return body
  }
}

/// Unpacks a body as it comes, and knows whether its stream has come to its end: libcurl's decoders take one that ends early for
/// a whole one.
///
/// What follows the stream and is no part of it is passed over, as browsers do.
protocol CodedBody: AnyObject {
  /// The coding whose stream is not at its end; nil when all are, or nothing came.
  var cut: ContentCoding? { get }

  /// Unpacks the next bytes; `take` gets what comes of them, at most 16 KiB at a time, and says whether it wants more.
  func unpack(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Bool) -> UnpackResult
}

enum UnpackResult {
  case unpacked
  /// Whoever takes what is unpacked wants no more.
  case refused
  /// The stream in this coding is broken, with a sentence of its library.
  case broken(ContentCoding, String)
  /// One coding has unpacked more than `mostBetweenCodings` bytes for another.
  case bomb
}

/// Bytes that are unpacked at a time, at most.
let unpackedBytes = 16 << 10
/// Bytes that one coding may unpack for another, which may turn them into nothing: 10 MiB, some hundredths of a second. In
/// brotli, 39 bytes are enough for twice as much.
let mostBetweenCodings = 10 << 20

/// A body with one coding on top of another.
private final class LayeredBody: CodedBody {
  private let outer: any CodedBody
  private let inner: any CodedBody
  private var between = 0

  init(outer: any CodedBody, inner: any CodedBody) {
    self.outer = outer
    self.inner = inner
  }

  var cut: ContentCoding? { outer.cut ?? inner.cut }

  func unpack(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Bool) -> UnpackResult {
    var result = UnpackResult.unpacked
    let outerResult = outer.unpack(bytes) { block in
      between += block.count
      result = between > mostBetweenCodings ? .bomb : inner.unpack(block, take)
      return if case .unpacked = result { true } else { false }
    }
    return if case .refused = outerResult { result } else { outerResult }
  }
}
