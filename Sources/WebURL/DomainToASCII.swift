private import CICU

/// The standard's domain to ASCII for domains that are not ASCII: UTS #46 processing by ICU, not strict.
///
/// CheckHyphens false, CheckBidi true, CheckJoiners true, UseSTD3ASCIIRules false, Transitional_Processing false,
/// VerifyDnsLength false: ICU always checks hyphens and lengths, so these of its errors are ignored. What is left of the
/// check of hyphens, that no label begins with `xn--` when it is decoded, is ours.
enum DomainToASCII {
  /// A name in DNS has at most 253 characters, and a label 63. The bytes that it may have before: the encoder of
  /// punycode takes quadratic time in a label, and a page of 10 MiB may have 5,000 hosts of 2,000 bytes.
  static let longestInput = 2048
  static let longestLabel = 256

  private static let ignoredErrors =
    CICU_IDNA_ERROR_EMPTY_LABEL | CICU_IDNA_ERROR_LABEL_TOO_LONG | CICU_IDNA_ERROR_DOMAIN_NAME_TOO_LONG
    | CICU_IDNA_ERROR_LEADING_HYPHEN | CICU_IDNA_ERROR_TRAILING_HYPHEN | CICU_IDNA_ERROR_HYPHEN_3_4

  /// ICU's UTS #46 instance: immutable, shared by all threads, never closed. nil only if ICU's data cannot be loaded.
  nonisolated(unsafe) private static let idna: OpaquePointer? = {
    var code = CICU_OK
    let options = CICU_IDNA_CHECK_BIDI | CICU_IDNA_CHECK_CONTEXTJ | CICU_IDNA_NONTRANSITIONAL_TO_ASCII
    return cicu_idna_open(options, &code)
  }()

  /// The ASCII form, which may still hold forbidden code points. Bytes that are not UTF-8 are read as U+FFFD, which no
  /// domain may hold.
  static func process(_ domain: [UInt8]) throws(WebURLError) -> [UInt8] {
    guard domain.count <= longestInput else { throw .domainTooLong }
    guard let idna else { throw .domainInvalid }
    var text = UTS46Changes.apply(to: String(decoding: domain, as: UTF8.self))
    guard hasShortLabels(text) else { throw .domainTooLong }
    var errors: UInt32 = 0
    var code = CICU_OK
    let result = text.withUTF8 { source in
      source.withMemoryRebound(to: CChar.self) { source in
        [UInt8](unsafeUninitializedCapacity: 8 * longestInput) { room, count in
          count = room.withMemoryRebound(to: CChar.self) { room in
            Int(
              cicu_idna_nameToASCII_UTF8(
                idna, source.baseAddress, Int32(source.count), room.baseAddress, Int32(room.count), &errors, &code))
          }
          count = cicu_failed(code) ? 0 : min(max(count, 0), room.count)
        }
      }
    }
    guard !cicu_failed(code), errors & ~ignoredErrors == 0, !result.isEmpty else { throw .domainInvalid }
    if errors & CICU_IDNA_ERROR_HYPHEN_3_4 != 0 && hasNestedPunycode(result, idna) { throw .domainInvalid }
    return result
  }

  /// Whether a label of an ASCII form begins with `xn--` still when it is decoded (UTS #46, section 4.1, criterion 4).
  private static func hasNestedPunycode(_ domain: [UInt8], _ idna: OpaquePointer) -> Bool {
    domain.split(separator: UInt8(ascii: ".")).contains { label in
      // Such a label has the prefix twice, but not only such a label: `éxn--` is written with two as well.
      guard label.starts(with: "xn--xn--".utf8) else { return false }
      var errors: UInt32 = 0
      var code = CICU_OK
      let decoded = label.withUnsafeBytes { label in
        [UInt8](unsafeUninitializedCapacity: 4 * label.count) { room, count in
          let written = room.withMemoryRebound(to: CChar.self) { room in
            cicu_idna_labelToUnicodeUTF8(
              idna, label.assumingMemoryBound(to: CChar.self).baseAddress, Int32(label.count), room.baseAddress,
              Int32(room.count), &errors, &code)
          }
          count = cicu_failed(code) ? 0 : min(max(Int(written), 0), room.count)
        }
      }
      return decoded.isEmpty || decoded.starts(with: "xn--".utf8)
    }
  }

  private static func hasShortLabels(_ text: String) -> Bool {
    var length = 0
    for scalar in text.unicodeScalars {
      switch scalar {
      // What UTS #46 maps to a full stop.
      case ".", "\u{3002}", "\u{FF0E}", "\u{FF61}": length = 0
      default: length += UTF8.width(scalar)
      }
      if length > longestLabel { return false }
    }
    return true
  }
}
